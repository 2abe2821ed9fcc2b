import { z } from "zod";
import type { UsageBucket } from "../../../ledger/usage-buckets.ts";
import { formatDollars } from "../../../money/nanodollars.ts";
import { csvLine, prefersCsv } from "../../../platform/http/csv.ts";
import { defineRoute } from "../../../platform/http/define-route.ts";
import type { BillingHistoryNeeds, HistoryRequest } from "../billing-history.ts";
import { exportBillingHistory, INTERVALS, readBillingHistory } from "../billing-history.ts";
import { PurchaseNotFound } from "../errors.ts";
import { PurchaseParams, text, WireTime } from "../schemas.ts";

const CSV_TYPE = "text/csv; charset=utf-8" as const;

const HistoricalBillingBody = z.object({
  interval: z.enum(INTERVALS).default("daily"),
  start_date: WireTime.optional().meta({ description: "First moment of the range; without it, all there is." }),
  end_date: WireTime.optional().meta({ description: "End of the range, not part of it." }),
  unit: text({ minimum: 1, maximum: 64 }).optional(),
  format: z.enum(["json", "csv"]).optional().meta({ description: "Instead of the Accept header." }),
  limit: z.number().int().min(1).max(5_000).default(1_000).meta({ description: "Rows of a JSON page." }),
  cursor: z.string().min(1).max(512).optional().meta({ description: "The Next-Cursor of the page before." }),
});

const HistoricalBillingReply = z
  .array(
    z.object({
      time_bucket: z.string(),
      purchase_id: z.string(),
      usage_unit: z.string(),
      total_usage_amount: z.string(),
      total_billed_amount: z.string(),
    }),
  )
  .meta({ id: "HistoricalBilling" });

/**
 * POST /purchase/:id/historical-billing [customer key]. Usage by interval (UTC) and unit, with exact sums; JSON page by page, or the
 * whole as CSV by `Accept: text/csv` or `format`. The body may be left out. Source: seed 000, "Routes".
 */
export const getHistoricalBillingRoute = (needs: BillingHistoryNeeds) =>
  defineRoute({
    operationId: "getHistoricalBilling",
    summary: "Read what was used and billed, by interval and unit",
    tags: ["purchases"],
    dialect: "string",
    method: "post",
    path: "/purchase/:id/historical-billing",
    aliases: ["/v1/purchase/:id/historical-billing"],
    auth: ["customerKey"],
    rateLimit: "customer",
    params: PurchaseParams,
    body: HistoricalBillingBody,
    reply: {
      status: 200,
      schema: HistoricalBillingReply,
      alternatives: [CSV_TYPE],
      headers: { "Next-Cursor": "Of a JSON page: there is more; send it as `cursor`." },
    },
    problems: ["purchase_not_found", "billing_range_invalid", "billing_cursor_invalid"],
    handler: async ({ params, body, principal, request }) => {
      if (principal.purchaseId !== params.id) throw new PurchaseNotFound();
      const asked: HistoryRequest = {
        purchaseId: params.id,
        interval: body.interval,
        from: body.start_date ?? null,
        to: body.end_date ?? null,
        unit: body.unit ?? null,
      };
      const isCsv = body.format === undefined ? prefersCsv(request.headers.accept) : body.format === "csv";
      if (isCsv) {
        const headers = { "Content-Disposition": `attachment; filename="${params.id}-${body.interval}.csv"` };
        const pages = await exportBillingHistory(needs, asked);
        return { status: 200 as const, contentType: CSV_TYPE, headers, body: toCsv(params.id, pages) };
      }
      const page = await readBillingHistory(needs, { ...asked, cursor: body.cursor ?? null, limit: body.limit });
      const headers = page.nextCursor === null ? {} : { "Next-Cursor": page.nextCursor };
      return { status: 200 as const, headers, body: page.buckets.map((bucket) => toMember(params.id, bucket)) };
    },
  });

function toMember(purchaseId: string, { bucket, unit, quantity, amount }: UsageBucket) {
  return {
    time_bucket: bucket.toISOString(),
    purchase_id: purchaseId,
    usage_unit: unit,
    total_usage_amount: quantity,
    total_billed_amount: formatDollars(amount),
  };
}

async function* toCsv(purchaseId: string, pages: AsyncIterable<readonly UsageBucket[]>) {
  yield csvLine(["time_bucket", "purchase_id", "usage_unit", "total_usage_amount", "total_billed_amount"]);
  for await (const buckets of pages) {
    yield buckets.map((bucket) => csvLine(Object.values(toMember(purchaseId, bucket)))).join("");
  }
}
