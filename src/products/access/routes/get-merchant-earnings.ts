import type { Knex } from "knex";
import { z } from "zod";
import type { Clock } from "../../../platform/clock.ts";
import { csvLine, prefersCsv } from "../../../platform/http/csv.ts";
import { defineRoute } from "../../../platform/http/define-route.ts";
import { earningsRowView, earningsView, exportEarnings, readEarnings } from "../fees/earnings.ts";
import type { EarningsGroup, EarningsRow } from "../fees/earnings-store.ts";
import { EarningsSumsView, WireMoment } from "../fees/schemas.ts";
import { success } from "../schemas.ts";

const CSV_TYPE = "text/csv; charset=utf-8" as const;

const EarningsQuery = z.object({
  from: WireMoment.optional().meta({ description: "First moment of the range; thirty days before `to` unless said." }),
  to: WireMoment.optional().meta({ description: "End of the range, not part of it; now unless said." }),
  groupBy: z.enum(["day", "asset", "network", "token"]).default("day"),
  format: z.enum(["json", "csv"]).optional().meta({ description: "Instead of the Accept header." }),
  limit: z.coerce.number().int().min(1).max(1_000).default(100).meta({ description: "Rows of a JSON page." }),
  cursor: z.string().min(1).max(1_000).optional().meta({ description: "The nextCursor of the page before." }),
});

const Row = EarningsSumsView.extend({
  groupBy: z.enum(["day", "asset", "network", "token"]),
  key: z.string(),
  network: z.string(),
  token: z.string(),
  grossUnits: z.string(),
  feeUnits: z.string(),
  netUnits: z.string(),
});

const Report = z
  .object({
    from: z.string(),
    to: z.string(),
    totals: EarningsSumsView,
    rows: z.array(Row),
    nextCursor: z.string().nullable(),
  })
  .meta({ id: "MerchantEarnings" });

const SUMS = ["payments", "gross", "fee", "net", "returned", "returnedFee", "earned"] as const;
const COLUMNS = ["key", "network", "token", ...SUMS] as const;
const UNIT_COLUMNS = ["grossUnits", "feeUnits", "netUnits"] as const;

/**
 * GET /api/v1/merchant/earnings [merchant key]. What was sold, our fee and what is left, by day (UTC), asset, network or token; a row is
 * always of one network and token, so its base units are exact. JSON page by page, or the whole as CSV. Source: seed 001, "Earnings report".
 */
export const getMerchantEarningsRoute = (needs: { readonly database: Knex; readonly clock: Clock }) =>
  defineRoute({
    operationId: "getMerchantEarnings",
    summary: "Read what a merchant earned",
    tags: ["access"],
    dialect: "string",
    method: "get",
    path: "/api/v1/merchant/earnings",
    auth: ["merchantKey"],
    rateLimit: "api",
    query: EarningsQuery,
    reply: { status: 200, schema: success(Report, {}), alternatives: [CSV_TYPE] },
    problems: ["earnings_range_invalid", "earnings_cursor_invalid"],
    handler: async ({ query, principal, request }) => {
      const { groupBy: group, from = null, to = null } = query;
      const question = { merchantId: principal.merchantId, from, to, group };
      const isCsv = query.format === undefined ? prefersCsv(request.headers.accept) : query.format === "csv";
      if (isCsv) {
        const headers = { "Content-Disposition": `attachment; filename="earnings-by-${group}.csv"` };
        const pages = await exportEarnings(needs, question);
        return { status: 200 as const, contentType: CSV_TYPE, headers, body: toCsv(pages, group) };
      }
      const report = await readEarnings(needs, { ...question, cursor: query.cursor ?? null, limit: query.limit });
      const { range, totals, rows, nextCursor } = report;
      const data = {
        from: range.from.toISOString(),
        to: range.to.toISOString(),
        totals: earningsView(totals),
        rows: rows.map((row) => earningsRowView(row, group)),
        nextCursor,
      };
      return { status: "success" as const, data, message: "Earnings were summed." };
    },
  });

async function* toCsv(pages: AsyncIterable<readonly EarningsRow[]>, group: EarningsGroup) {
  const [, ...others] = COLUMNS;
  yield csvLine([group === "day" ? "day" : `${group}Key`, ...others, ...UNIT_COLUMNS]);
  for await (const rows of pages) {
    const lines = rows.map((row) => {
      const view = earningsRowView(row, group);
      return csvLine([...COLUMNS, ...UNIT_COLUMNS].map((column) => `${view[column]}`));
    });
    yield lines.join("");
  }
}
