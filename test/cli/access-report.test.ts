import { expect, it } from "vitest";
import { LISTINGS, pageOf, reportRows } from "../../src/cli/access-report.ts";

it("reads a page by what its rows are called, and refuses one of something else", () => {
  const page = { payouts: [{ id: "pout_1" }], nextCursor: "pout_1" };
  expect(pageOf(LISTINGS.payouts).parse(page)).toEqual({ page, rows: page.payouts, nextCursor: "pout_1" });
  expect(pageOf(LISTINGS.invoices).safeParse(page).success).toBe(false);
});

it("shows a line per row, and says that there is nothing where there is nothing", () => {
  const row = { merchantId: "mer_1", name: "Cafe", isActive: false, createdAt: "2026-11-21T12:34:56.000Z" };
  const table = reportRows(LISTINGS.merchants, [{ ...row, feeBasisPoints: null }]);
  for (const text of ["fee basis points", "mer_1", "false", "2026-11-21T12:34 "]) expect(table).toContain(text);
  expect(reportRows(LISTINGS.merchants, [])).toBe("No merchant.");
});

it("lets no merchant's text move the cursor of whoever reads it", () => {
  expect(reportRows(LISTINGS.merchants, [{ name: "a\u001b[2Jb\nc" }])).toContain("a [2Jb c");
});
