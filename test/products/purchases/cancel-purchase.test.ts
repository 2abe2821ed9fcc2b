import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { accounts } from "../../../src/ledger/chart-of-accounts.ts";
import { refundPaidInTokens } from "../../../src/ledger/postings/refunds.ts";
import { nanodollars, parseDollars } from "../../../src/money/nanodollars.ts";
import type { LifecycleNeeds } from "../../../src/products/purchases/advance-purchase.ts";
import { advancePurchase } from "../../../src/products/purchases/advance-purchase.ts";
import { cancelPurchase } from "../../../src/products/purchases/cancel-purchase.ts";
import { listEvents } from "../../../src/products/purchases/event-store.ts";
import { finishPhase } from "../../../src/products/purchases/finish-phase.ts";
import { readPurchaseView } from "../../../src/products/purchases/purchase-view.ts";
import { findLatestRemainder } from "../../../src/products/purchases/remainder-store.ts";
import { startTestApp, type TestApp } from "../../support/app.ts";
import { advance, charge, exhaust, lifecycleNeeds, pay, refill, type Sale, sell, wakes } from "./sales.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterEach(() => {
  app.clock.offsetMs = 0;
});
afterAll(() => app.close());

const cancel = (sale: Sale, isConfirmed = true) =>
  cancelPurchase({ database: app.database }, { purchaseId: sale.purchaseId, isConfirmed });

/** A sender of refunds that posts to the books as the real one, once per key; `arrived` says when the chain has them. */
function refundDesk(largest = "1000") {
  const sent = new Map<string, string>();
  const desk: { state: "open" | "paid" | "refused"; readonly sent: Map<string, string> } = { state: "open", sent };
  const refundRemainder: LifecycleNeeds["refundRemainder"] = async (transaction, { key, account, amount }) => {
    const limit = parseDollars(largest);
    const isWhole = amount <= limit;
    const part = isWhole ? amount : limit;
    if (part === 0n) return [];
    if (!sent.has(key)) {
      const refund = { refundId: key, account, chain: "local", token: "USDC", amount: nanodollars(part) };
      await app.context.ledger.postIn(transaction, refundPaidInTokens(refund));
      sent.set(key, amount.toString());
    }
    return [{ id: `ref_${key}`, amount: nanodollars(part), status: desk.state }];
  };
  return { desk, needs: { ...lifecycleNeeds(app), refundRemainder } };
}

async function deleteAll(needs: LifecycleNeeds, { purchaseId }: Sale) {
  expect(await advancePurchase(needs, { purchaseId })).toMatchObject({ next: "terminate" });
  await finishPhase(needs, { purchaseId, phase: "terminate" });
  return advancePurchase(needs, { purchaseId });
}

const told = async ({ purchaseId }: Sale) =>
  (await listEvents(app.database, purchaseId)).map(({ type, data }) => [type.replace("purchase.", ""), data] as const);

describe("a customer cancels", () => {
  it("says first what would be deleted, and changes nothing", async () => {
    const sale = await sell(app, "5");
    await expect(cancel(sale, false)).rejects.toMatchObject({
      code: "cancel_not_confirmed",
      members: { balance: "5", deletes: { bucket: expect.stringContaining("b-pur") } },
    });
    expect((await advance(app, sale)).status).toBe("active");
  });

  it("ends it once, however often it is asked at the same time, and wakes its workflow", async () => {
    const sale = await sell(app, "5");
    const before = await wakes(app, `purchase/${sale.purchaseId}`);
    const answers = await Promise.all(Array.from({ length: 8 }, () => cancel(sale)));
    expect(new Set(answers.map(({ status, reason }) => `${status} ${reason}`))).toEqual(
      new Set(["terminating customer_cancelled"]),
    );
    expect(await wakes(app, `purchase/${sale.purchaseId}`)).toBe(before + 1);
    expect((await told(sale)).filter(([type]) => type === "cancelled")).toHaveLength(1);
    expect(await cancel(sale, false)).toMatchObject({ status: "terminating" });
  });

  it("gets back what is left, after everything is deleted, and is told at each stage", async () => {
    const { desk, needs } = refundDesk();
    const sale = await sell(app, "5");
    await charge(app, sale, "1.25");
    await cancel(sale);
    expect(await deleteAll(needs, sale)).toMatchObject({ status: "refunding", next: "refund" });
    for (let time = 0; time < 3; time += 1) await finishPhase(needs, { purchaseId: sale.purchaseId, phase: "refund" });
    expect(await advancePurchase(needs, sale)).toMatchObject({ status: "refunding", next: "wait" });
    expect([...desk.sent]).toEqual([[`remainder:${sale.purchaseId}:1`, "3750000000"]]);
    desk.state = "paid";
    expect(await advancePurchase(needs, sale)).toMatchObject({ status: "terminated", next: "done" });
    expect((await told(sale)).slice(2)).toEqual([
      ["cancelled", { reason: "customer_cancelled", balance: "3.75" }],
      ["refunding", { amount: "3.75", refunds: 1, kept: "0" }],
      ["refunded", { amount: "3.75", kept: "0" }],
      ["terminated", { balance: "0" }],
    ]);
    const view = await readPurchaseView(app.context, sale);
    expect(view).toMatchObject({
      purchase: { status: "terminated", end_reason: "customer_cancelled", balance: "0" },
      remainder: { status: "settled", amount: "3.75", refunded: "3.75", kept: "0" },
    });
  });

  it("keeps in the balance what is not worth its gas, and says so", async () => {
    const { desk, needs } = refundDesk();
    const sale = await sell(app, "5");
    await charge(app, sale, "4.91");
    await cancel(sale);
    expect(await deleteAll(needs, sale)).toMatchObject({ status: "terminated", next: "done" });
    expect(desk.sent.size).toBe(0);
    expect((await told(sale)).at(-1)).toEqual(["terminated", { balance: "0.09", smallest_refund: "0.1" }]);
  });

  it("keeps what no deposit can carry, tells how much, and does not try for ever", async () => {
    const { desk, needs } = refundDesk("3");
    const sale = await sell(app, "5");
    await cancel(sale);
    await deleteAll(needs, sale);
    desk.state = "paid";
    await finishPhase(needs, { purchaseId: sale.purchaseId, phase: "refund" });
    expect(await advancePurchase(needs, sale)).toMatchObject({ status: "terminated", next: "done" });
    expect(await findLatestRemainder(app.database, sale.purchaseId)).toMatchObject({
      amount: parseDollars("5"),
      refunded: parseDollars("3"),
      kept: parseDollars("2"),
      status: "done",
    });
    expect(desk.sent.size).toBe(1);
  });

  it("keeps what an operator gave up sending, without trying once more by itself", async () => {
    const { desk, needs } = refundDesk();
    const sale = await sell(app, "5");
    await cancel(sale);
    await deleteAll(needs, sale);
    await finishPhase(needs, { purchaseId: sale.purchaseId, phase: "refund" });
    desk.state = "refused";
    await refill(app, sale, "5");
    expect(await advancePurchase(needs, sale)).toMatchObject({ status: "terminated", next: "done" });
    expect((await told(sale)).slice(-2)).toEqual([
      ["refunded", { amount: "0", kept: "5" }],
      ["terminated", { balance: "5", smallest_refund: "0.1" }],
    ]);
  });

  it("may cancel while it is suspended, in grace, or before it is provisioned; the reason stays", async () => {
    const sale = await sell(app, "5");
    await charge(app, sale, "4.96");
    await advance(app, sale);
    expect(await cancel(sale)).toMatchObject({ status: "terminating", reason: "customer_cancelled" });
    app.clock.offsetMs += 86_400_000;
    await advance(app, sale);
    expect(await cancel(sale)).toMatchObject({ reason: "customer_cancelled" });
  });
});

describe("W08: money that comes when there is no way back", () => {
  it("while everything is deleted goes back with the rest", async () => {
    const { desk, needs } = refundDesk();
    const sale = await sell(app, "5");
    await exhaust(app, sale, "4.96");
    await pay(app, sale, "7");
    expect(await deleteAll(needs, sale)).toMatchObject({ status: "refunding", next: "refund" });
    await finishPhase(needs, { purchaseId: sale.purchaseId, phase: "refund" });
    expect([...desk.sent.values()]).toEqual(["7040000000"]);
  });

  it("after the end is another round, told as well, and the time of the end stays", async () => {
    const { desk, needs } = refundDesk();
    desk.state = "paid";
    const sale = await sell(app, "5");
    await exhaust(app, sale, "4.96");
    await deleteAll(needs, sale);
    const [before] = await app.database("purchases").where("id", sale.purchaseId).select("terminated_at");
    for (const round of [1, 2]) {
      await refill(app, sale, "2");
      expect(await advancePurchase(needs, sale)).toMatchObject({ status: "refunding", next: "refund" });
      await finishPhase(needs, { purchaseId: sale.purchaseId, phase: "refund" });
      expect(await advancePurchase(needs, sale)).toMatchObject({ status: "terminated", next: "done" });
      expect((await findLatestRemainder(app.database, sale.purchaseId))?.round).toBe(round);
    }
    expect([...desk.sent.values()]).toEqual(["2040000000", "2000000000"]);
    expect(await app.database("purchases").where("id", sale.purchaseId).select("terminated_at")).toEqual([before]);
    const refunded = (await told(sale)).filter(([type]) => type === "refunded");
    expect(refunded.map(([, { amount }]) => amount)).toEqual(["2.04", "2"]);
    expect(await balanceIs(sale, "0")).toBe(true);
  });
});

async function balanceIs(sale: Sale, dollars: string): Promise<boolean> {
  const { rows } = await app.database.raw<{ rows: { balance: string }[] }>(
    "SELECT b.balance FROM balances b JOIN ledger_accounts a ON a.id = b.account_id WHERE a.name = ?",
    [accounts.purchase(sale.purchaseId)],
  );
  return rows[0]?.balance === parseDollars(dollars).toString();
}
