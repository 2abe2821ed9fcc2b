import { afterAll, beforeAll, expect, it } from "vitest";
import { parseDollars, ZERO } from "../../../src/money/nanodollars.ts";
import { creditedSince, describeTopUp, verifyTopUp } from "../../../src/products/purchases/top-up.ts";
import { startTestApp, type TestApp } from "../../support/app.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

const at = new Date("2026-03-01T00:00:00Z");

it("sums exactly what is confirmed at or after the moment asked for", () => {
  const deposits = [
    { credited: "0.1", status: "confirmed", confirmed_at: at.toISOString() },
    { credited: "0.2", status: "confirmed", confirmed_at: at.toISOString() },
    { credited: "4", status: "confirmed", confirmed_at: "2026-02-28T23:59:59.999Z" },
    { credited: "0", status: "observed", confirmed_at: null },
    { credited: "0", status: "orphaned", confirmed_at: at.toISOString() },
  ];
  expect(creditedSince(deposits, at)).toBe(parseDollars("0.3"));
});

it("says each outcome in words of its own", () => {
  const statuses = ["credited", "waiting", "nothing_new", "chain_unreachable"] as const;
  const texts = statuses.map((status) => describeTopUp({ status, credited: ZERO, observed: ZERO, since: at }));
  expect(new Set(texts).size).toBe(4);
});

it("knows no purchase that was never begun", async () => {
  await expect(verifyTopUp(app.context, { purchaseId: "pur_none", since: null })).rejects.toMatchObject({
    code: "purchase_not_found",
  });
});
