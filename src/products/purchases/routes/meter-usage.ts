import { z } from "zod";
import { formatDollars, ZERO } from "../../../money/nanodollars.ts";
import { defineRoute } from "../../../platform/http/define-route.ts";
import { newId } from "../../../platform/ids.ts";
import { EventIdMismatch, PurchaseNotFound, PurchaseTerminated } from "../errors.ts";
import { isEnding } from "../lifecycle.ts";
import type { MeteringNeeds, UsageReport } from "../metering.ts";
import { meterUsage } from "../metering.ts";
import type { PurchaseCache } from "../purchase-cache.ts";
import { Metadata, PurchaseParams } from "../schemas.ts";
import { toUsageReport, UsageBody } from "../usage-report.ts";

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
    body: UsageBody,
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
      const report = toUsageReport(params.id, body, chooseEventId(body.event_id, request.idempotencyKey));
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
