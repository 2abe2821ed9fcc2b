import { z } from "zod";
import type { JsonValue } from "../../../errors.ts";
import { formatDollars, ZERO } from "../../../money/nanodollars.ts";
import { defineRoute } from "../../../platform/http/define-route.ts";
import { newId } from "../../../platform/ids.ts";
import { EventIdMismatch, PurchaseNotFound, PurchaseTerminated } from "../errors.ts";
import { isEnding } from "../lifecycle.ts";
import type { MeteringNeeds, UsageReport } from "../metering.ts";
import { meterUsage } from "../metering.ts";
import type { PurchaseCache } from "../purchase-cache.ts";
import { Metadata, PurchaseParams, text, WireDecimal } from "../schemas.ts";

const MeterUsageBody = z.object({
  event_id: text({ minimum: 1, maximum: 255 }).optional(),
  usage_amount: WireDecimal,
  usage_unit: text({ minimum: 1, maximum: 64 }),
  billed_amount: WireDecimal.optional(),
  timestamp: z.union([z.iso.datetime({ offset: true }), z.number().int().min(0).max(8.64e15)]).optional(),
  description: text({ maximum: 1024 }).optional(),
  metadata: Metadata.optional(),
});

const MeterUsageReply = z
  .object({
    message: z.string(),
    record: z.object({
      id: z.string(),
      event_id: z.string(),
      purchase_id: z.string(),
      timestamp: z.string(),
      usage_amount: z.string(),
      usage_unit: z.string(),
      billed_amount: z.string(),
      description: z.string().nullable(),
      metadata: Metadata.nullable(),
    }),
    balance: z.string(),
    balance_nanodollars: z.string(),
    thresholds_crossed: z.array(z.string()),
  })
  .meta({ id: "MeteredUsage" });

/**
 * POST /purchase/:id/meter-usage. One usage event, charged once per `event_id` (or Idempotency-Key); without either each call is an
 * event of its own. The purchase is the one in the path, and the key must be its own. Source: seed 000, "Usage Based Billing" 1.
 */
export const meterUsageRoute = (needs: MeteringNeeds & { readonly purchases: PurchaseCache }) =>
  defineRoute({
    operationId: "meterUsage",
    summary: "Report metered usage",
    tags: ["purchases"],
    dialect: "string",
    method: "post",
    path: "/purchase/:id/meter-usage",
    aliases: ["/v1/purchase/:id/meter-usage"],
    auth: ["vendorKey"],
    rateLimit: "metering",
    idempotency: "natural",
    params: PurchaseParams,
    body: MeterUsageBody,
    reply: { status: 200, schema: MeterUsageReply },
    problems: [
      "purchase_not_found",
      "purchase_terminated",
      "insufficient_funds",
      "idempotency_conflict",
      "unit_not_priced",
      "usage_time_out_of_range",
      "invalid_amount",
      "event_id_mismatch",
      "ledger_overloaded",
    ],
    handler: async ({ params, body, principal, request }) => {
      if (principal.purchaseId !== params.id) throw new PurchaseNotFound();
      const purchase = await needs.purchases.read(params.id);
      if (purchase === null) throw new PurchaseNotFound();
      if (isEnding(purchase.status)) throw new PurchaseTerminated();
      const report = toReport(params.id, body, chooseEventId(body.event_id, request.idempotencyKey));
      const metered = await meterUsage(needs, purchase.terms, report);
      const headers = metered.posted.replayed ? { "Idempotency-Replayed": "true" } : {};
      return { status: 200 as const, headers, body: toReply(report, body.metadata ?? null, metered) };
    },
  });

function toReply(
  report: UsageReport,
  metadata: z.output<typeof Metadata> | null,
  { posted, amount }: Awaited<ReturnType<typeof meterUsage>>,
): z.input<typeof MeterUsageReply> {
  const balance = posted.balanceAfter ?? ZERO;
  return {
    message: posted.replayed ? "Already recorded." : "Usage recorded.",
    record: {
      id: posted.entryId,
      event_id: report.eventId,
      purchase_id: report.purchaseId,
      timestamp: (report.occurredAt ?? posted.postedAt).toISOString(),
      usage_amount: report.quantity,
      usage_unit: report.unit,
      billed_amount: formatDollars(amount),
      description: report.description,
      metadata,
    },
    balance: formatDollars(balance),
    balance_nanodollars: balance.toString(),
    thresholds_crossed: [...posted.thresholdsCrossed],
  };
}

function chooseEventId(eventId: string | undefined, idempotencyKey: string | undefined): string {
  if (eventId !== undefined && idempotencyKey !== undefined && eventId !== idempotencyKey) throw new EventIdMismatch();
  return eventId ?? idempotencyKey ?? newId("evt");
}

function toReport(purchaseId: string, body: z.output<typeof MeterUsageBody>, eventId: string) {
  const metadata: Readonly<Record<string, JsonValue>> | null = body.metadata ?? null;
  return {
    purchaseId,
    eventId,
    quantity: body.usage_amount,
    unit: body.usage_unit,
    billedAmount: body.billed_amount ?? null,
    occurredAt: body.timestamp === undefined ? null : new Date(body.timestamp),
    description: body.description ?? null,
    metadata,
  };
}
