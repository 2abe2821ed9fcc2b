import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { recordUsage } from "../../../src/products/purchases/record-usage.ts";
import { countUsageRefusals } from "../../../src/products/purchases/usage-refusal-store.ts";
import { readUsageResult } from "../../../src/products/purchases/usage-result.ts";
import { startTestApp, type TestApp } from "../../support/app.ts";
import { exhaust, refill, type Sale, sell, sellUnprovisioned } from "./sales.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

const report = (eventId: string, change: object = {}) => ({
  event_id: eventId,
  usage_amount: "1",
  usage_unit: "GB_MONTH",
  ...change,
});
const record = ({ purchaseId }: Pick<Sale, "purchaseId">, ...reports: readonly unknown[]) =>
  recordUsage(app.context, { purchaseId, reports });
const codes = async (sale: Pick<Sale, "purchaseId">, ...reports: readonly unknown[]) =>
  (await record(sale, ...reports)).map(({ outcome, code }) => code ?? outcome);
const refusalsOf = ({ purchaseId }: Pick<Sale, "purchaseId">) =>
  app.database("usage_refusals").where("purchase_id", purchaseId).orderBy("id");

describe("usage by signal", () => {
  it("M05: and by HTTP under one event id is one charge, in whichever order and however often it comes", async () => {
    const sale = await sell(app, "5");
    const http = (eventId: string) =>
      app.call(`/purchase/${sale.purchaseId}/meter-usage`, { key: sale.vendorKey, json: report(eventId) });
    await record(sale, report("signal-first"), report("signal-first"));
    expect((await http("signal-first")).headers.get("Idempotency-Replayed")).toBe("true");
    expect((await http("http-first")).status).toBe(200);
    expect(await codes(sale, report("http-first"), report("http-first"))).toEqual(["charged", "charged"]);
    const answer = await app.call(`/purchase/${sale.purchaseId}`, { key: sale.customerKey });
    expect(answer.body).toMatchObject({ purchase: { balance: "4.93744" } });
  });

  it("is validated as HTTP's: what is refused is kept once with its code, and holds up no other", async () => {
    const sale = await sell(app, "5");
    const bad = [
      report("b1", { usage_amount: "-1" }),
      report("b2", { usage_amount: "1e3" }),
      { usage_amount: "1", usage_unit: "GB_MONTH" },
      report("zero\u0000byte"),
      report("b3", { usage_unit: "NO_PRICE" }),
      report("b4", { timestamp: "2001-01-01T00:00:00Z" }),
      "text",
      null,
      undefined,
      [],
      { characters: 1_500_000 },
    ];
    const first = await codes(sale, ...bad, report("good"));
    expect(first.at(-1)).toBe("charged");
    expect(first.slice(0, -1)).not.toContain("charged");
    expect(first.slice(4, 6)).toEqual(["unit_not_priced", "usage_time_out_of_range"]);
    const kept = await refusalsOf(sale);
    await codes(sale, ...bad);
    expect(await refusalsOf(sale)).toEqual(kept);
    expect((await countUsageRefusals(app.database)).find(({ code }) => code === "unit_not_priced")?.count).toBe(1);
  });

  it("another amount under a used event id is refused, and the charge stays what the event is", async () => {
    const sale = await sell(app, "5");
    expect(await codes(sale, report("e"), report("e", { usage_amount: "2" }))).toEqual(
      expect.arrayContaining(["charged", "idempotency_conflict"]),
    );
    const event = { purchaseId: sale.purchaseId, eventId: "e" };
    expect(await readUsageResult(app.context, event)).toMatchObject({ outcome: "charged" });
  });

  it("counts while the purchase is provisioned, and is refused once it ends or when it never was", async () => {
    const early = await sellUnprovisioned(app, "5");
    expect(await codes(early, report("early"))).toEqual(["charged"]);
    const over = await sell(app, "5");
    await exhaust(app, over, "4.96");
    expect(await codes(over, report("late"))).toEqual(["purchase_terminated"]);
    expect(await codes({ purchaseId: "pur_none" }, report("x"))).toEqual(["purchase_not_found"]);
    expect(await refusalsOf(over)).toHaveLength(1);
  });

  it("that could not be paid may be sent again after a top-up", async () => {
    const sale = await sell(app, "1");
    const dear = report("dear", { billed_amount: "2" });
    expect(await codes(sale, dear)).toEqual(["insufficient_funds"]);
    const read = () =>
      app.call(`/purchase/${sale.purchaseId}/usage-events/dear`, { key: sale.vendorKey }).then(({ body }) => body);
    expect(await read()).toMatchObject({ outcome: "refused", code: "insufficient_funds", billed_amount: null });
    await refill(app, sale, "5");
    expect(await codes(sale, dear)).toEqual(["charged"]);
    expect(await read()).toMatchObject({ outcome: "charged", billed_amount: "2", code: null });
  });

  it("throws what time may change, and charges nothing twice when all of it is sent again", async () => {
    const sale = await sell(app, "5");
    const needs = {
      ...app.context,
      ledger: { post: () => Promise.reject(Object.assign(new Error("away"), { status: 503 })) },
    };
    const input = { purchaseId: sale.purchaseId, reports: [report("a")] };
    await expect(recordUsage(needs, input)).rejects.toThrow("away");
    expect(await refusalsOf(sale)).toEqual([]);
    expect(await codes(sale, report("a"))).toEqual(["charged"]);
  });
});
