import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { accounts } from "../../../../src/ledger/chart-of-accounts.ts";
import { parseDollars } from "../../../../src/money/nanodollars.ts";
import { drawInvoices } from "../../../../src/products/access/fees/draw-invoices.ts";
import { selectInvoices } from "../../../../src/products/access/fees/invoice-store.ts";
import { listInvoices } from "../../../../src/products/access/fees/list-invoices.ts";
import { markInvoicePaid } from "../../../../src/products/access/fees/mark-invoice-paid.ts";
import { returnUnused } from "../../../../src/products/access/fees/return-unused.ts";
import { type FeesWorld, feesOwed, startFeesWorld } from "./fees-world.ts";

let world: FeesWorld;
beforeAll(async () => {
  world = await startFeesWorld();
});
afterAll(() => world.close());

const at = (time: string) => ({ ...world, clock: { now: () => Date.parse(time) } });
const draw = (time: string) => drawInvoices(at(time));
const invoicesOf = async (merchantId: string) => {
  const all = await selectInvoices(world.database, { merchantId, status: null, before: null, limit: 100 });
  return [...all].reverse();
};
const drawn = async (merchantId: string) =>
  (await invoicesOf(merchantId)).map(({ month, amount }) => `${month} ${amount}`);
const giveBack = (sessionId: string, dollars: string, time: string) =>
  world.database.transaction((transaction) =>
    returnUnused(transaction, world, { sessionId, amount: parseDollars(dollars), now: new Date(time) }),
  );

describe("the monthly invoice of a direct merchant", () => {
  it("claims the fees of its UTC month to the millisecond, by network and token, and never the tokens themselves", async () => {
    const merchantId = await world.merchant();
    await world.sell({ merchantId, units: 1_000_000n, at: new Date("2026-09-30T23:59:59.999Z") });
    await world.sell({ merchantId, units: 2_000_000n, at: new Date("2026-10-01T00:00:00Z") });
    await world.sell({ merchantId, units: 333n, at: new Date("2026-10-31T23:59:59.999Z"), network: "eip155:8453" });
    await world.sell({ merchantId, units: 4_000_000n, at: new Date("2026-11-01T00:00:00Z") });
    await draw("2026-11-01T03:40:00Z");
    expect(await drawn(merchantId)).toEqual(["2026-09-01 20000000", "2026-10-01 40006000"]);
    const [, october] = await invoicesOf(merchantId);
    expect(october?.lines).toMatchObject([
      { network: "eip155:8453", token: "USDC", payments: 1, grossUnits: 333n, feeUnits: 6n, fee: 6_000n },
      { network: "solana:local", payments: 1, grossUnits: 2_000_000n, feeUnits: 40_000n },
    ]);
    expect(await world.debitBalance(feesOwed(merchantId))).toBe(140_006_000n);
  });

  it("is drawn exactly once when two workers draw at once, again, and late", async () => {
    const merchantId = await world.merchant();
    for (const month of ["06", "08", "09"]) {
      await world.sell({ merchantId, units: 1_000_000n, at: new Date(`2026-${month}-10T00:00:00Z`) });
    }
    await Promise.all([1, 2, 3, 4].map(() => draw("2026-10-09T03:40:00Z")));
    await draw("2026-10-10T03:40:00Z");
    expect(await drawn(merchantId)).toEqual(["2026-06-01 20000000", "2026-08-01 20000000", "2026-09-01 20000000"]);
  });

  it("is not drawn while its month runs, nor in the hour after it", async () => {
    const merchantId = await world.merchant();
    await world.sell({ merchantId, units: 1_000_000n, at: new Date("2026-10-10T00:00:00Z") });
    await draw("2026-10-31T23:59:59Z");
    await draw("2026-11-01T00:59:59Z");
    expect(await drawn(merchantId)).toEqual([]);
    await draw("2026-11-01T01:00:00Z");
    expect(await drawn(merchantId)).toEqual(["2026-10-01 20000000"]);
  });

  it("is lowered by fees on time that was given back, in the month after too when that is more than was sold", async () => {
    const merchantId = await world.merchant();
    const { sessionId } = await world.sell({ merchantId, units: 10_000_000n, at: new Date("2026-08-31T23:00:00Z") });
    await giveBack(sessionId, "5", "2026-09-01T00:10:00Z");
    await world.sell({ merchantId, units: 1_000_000n, at: new Date("2026-09-05T00:00:00Z") });
    await world.sell({ merchantId, units: 20_000_000n, at: new Date("2026-10-05T00:00:00Z") });
    await draw("2026-10-02T03:40:00Z");
    expect(await drawn(merchantId)).toEqual(["2026-08-01 200000000"]);
    await draw("2026-11-02T03:40:00Z");
    expect(await drawn(merchantId)).toEqual(["2026-08-01 200000000", "2026-10-01 320000000"]);
    const [, october] = await invoicesOf(merchantId);
    expect(october).toMatchObject({
      coversFrom: new Date("2026-09-01T00:00:00Z"),
      coversTo: new Date("2026-11-01T00:00:00Z"),
    });
    expect(await world.debitBalance(feesOwed(merchantId))).toBe(520_000_000n);
  });

  it("is not drawn for custodial sales, nor for sales without a fee", async () => {
    const [custodial, free] = [await world.merchant({ mode: "custodial" }), await world.merchant()];
    const sold = { units: 1_000_000n, at: new Date("2026-10-10T00:00:00Z") };
    await world.sell({ ...sold, merchantId: custodial, mode: "custodial" });
    await world.sell({ ...sold, merchantId: free, basisPoints: 0 });
    await draw("2026-11-02T03:40:00Z");
    expect([await drawn(custodial), await drawn(free)]).toEqual([[], []]);
  });

  it("tells the merchant once", async () => {
    const merchantId = await world.merchant();
    await world.sell({ merchantId, units: 1_000_000n, at: new Date("2026-10-10T00:00:00Z") });
    await draw("2026-11-02T03:40:00Z");
    await draw("2026-11-03T03:40:00Z");
    const { rows } = await world.owner.raw("SELECT type, data FROM access_events WHERE merchant_id = ?", [merchantId]);
    expect(rows).toMatchObject([{ type: "invoice.drawn", data: { month: "2026-10", amount: "0.02" } }]);
  });
});

describe("an invoice that was paid", () => {
  const pay = (id: string, reference: string) =>
    markInvoicePaid(at("2026-11-05T00:00:00Z"), { id, reference, actor: "ada", note: "" });
  const oneInvoice = async () => {
    const merchantId = await world.merchant();
    await world.sell({ merchantId, units: 50_000_000n, at: new Date("2026-10-10T00:00:00Z") });
    await draw("2026-11-02T03:40:00Z");
    const [invoice] = await invoicesOf(merchantId);
    if (invoice === undefined) throw new Error("no invoice was drawn");
    return { merchantId, id: invoice.id };
  };

  it("is booked once, whoever says it how often, and leaves what the merchant owes its payers alone", async () => {
    const { merchantId, id } = await oneInvoice();
    const answers = await Promise.all([pay(id, "SEPA 1"), pay(id, "SEPA 1"), pay(id, "SEPA 1")]);
    for (const answer of answers) expect(answer).toMatchObject({ status: "paid", reference: "SEPA 1" });
    expect(await world.debitBalance(feesOwed(merchantId))).toBe(0n);
    expect(await world.debitBalance(accounts.ownerFunds("outside", "usd"))).toBe(1_000_000_000n);
    const { rows } = await world.owner.raw("SELECT actor, action FROM operator_actions WHERE subject = ?", [
      `invoice/${id}`,
    ]);
    expect(rows).toEqual([{ actor: "ada", action: "markInvoicePaid" }]);
  });

  it("is not paid a second time under another reference, and one that does not exist is not paid", async () => {
    const { merchantId, id } = await oneInvoice();
    const results = await Promise.allSettled([pay(id, "SEPA 1"), pay(id, "SEPA 2")]);
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(results.find(({ status }) => status === "rejected")).toMatchObject({
      reason: { code: "invoice_already_paid", status: 409 },
    });
    expect(await world.debitBalance(feesOwed(merchantId))).toBe(0n);
    await expect(pay("inv_none", "x")).rejects.toMatchObject({ code: "invoice_not_found" });
  });

  it("is listed page by page, newest first, each once", async () => {
    const merchantId = await world.merchant();
    for (const month of ["05", "06", "07"]) {
      await world.sell({ merchantId, units: 1_000_000n, at: new Date(`2026-${month}-10T00:00:00Z`) });
      await draw(`2026-0${Number(month) + 1}-02T03:40:00Z`);
    }
    const months: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await listInvoices(world, { merchantId, status: "open", cursor, limit: 2 });
      months.push(...page.invoices.map(({ month }) => month));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect(months).toEqual(["2026-07", "2026-06", "2026-05"]);
  });
});
