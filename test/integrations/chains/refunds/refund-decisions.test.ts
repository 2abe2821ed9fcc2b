import { afterAll, beforeAll, expect, it } from "vitest";
import {
  confirmRefundDestination,
  refuseRefund,
  resumeRefund,
} from "../../../../src/integrations/chains/refunds/refund-decisions.ts";
import { requestRemainderRefund } from "../../../../src/integrations/chains/refunds/refund-requests.ts";
import { findRefund } from "../../../../src/integrations/chains/refunds/refund-store.ts";
import { readBalance } from "../../../../src/ledger/balances.ts";
import { accounts } from "../../../../src/ledger/chart-of-accounts.ts";
import { parseDollars } from "../../../../src/money/nanodollars.ts";
import { newId } from "../../../../src/platform/ids.ts";
import { type Sale, sell, wakes } from "../../../products/purchases/sales.ts";
import { startTestApp, type TestApp } from "../../../support/app.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

const balanceOf = async ({ purchaseId }: Sale) =>
  (await readBalance(app.database, accounts.purchase(purchaseId))).available;

/** A sale of five dollars of which one is promised back. */
async function promised() {
  const sale = await sell(app, "5");
  const account = accounts.purchase(sale.purchaseId);
  const { depositAddressId } = sale.checkout;
  const [refund] = await app.database.transaction((transaction) =>
    requestRemainderRefund(transaction, app.context, {
      ...{ key: newId("key"), account, depositAddressId, amount: parseDollars("1") },
    }),
  );
  return { sale, refundId: refund?.id ?? "" };
}

it("keeps who vouched first", async () => {
  const { refundId } = await promised();
  for (const actor of ["ada", "bob"])
    await app.database.transaction((transaction) => confirmRefundDestination(transaction, { refundId, actor }));
  expect((await findRefund(app.database, refundId))?.confirmedBy).toBe("ada");
});

it("gives the money back once, and wakes who waits for the refund", async () => {
  const { sale, refundId } = await promised();
  expect(await balanceOf(sale)).toBe(parseDollars("4"));
  const before = await wakes(app, `purchase/${sale.purchaseId}`);
  const refuse = () => app.database.transaction((transaction) => refuseRefund(transaction, app.context, { refundId }));
  expect([(await refuse()).status, (await refuse()).status]).toEqual(["refused", "refused"]);
  expect(await balanceOf(sale)).toBe(parseDollars("5"));
  expect(await wakes(app, `purchase/${sale.purchaseId}`)).toBeGreaterThan(before);
  const closed = { code: "refund_closed", status: 409 };
  const choice = { refundId, actor: "ada" };
  await expect(app.database.transaction((t) => confirmRefundDestination(t, choice))).rejects.toMatchObject(closed);
  await expect(app.database.transaction((t) => resumeRefund(t, choice))).rejects.toMatchObject(closed);
});

it("offers what was sent and is in no block yet again with higher fees, from whichever wallet it leaves", async () => {
  const { refundId } = await promised();
  const sweepId = (await findRefund(app.database, refundId))?.sweepId ?? null;
  const resume = () => app.database.transaction((transaction) => resumeRefund(transaction, { refundId }));
  expect(await resume()).toEqual({ raised: 0 });
  const sent = [
    { status: "broadcast", sweep_id: sweepId },
    { status: "broadcast", refund_id: refundId },
    { status: "mined", refund_id: refundId },
  ];
  for (const [nonce, row] of sent.entries())
    await app.database("outgoing_transactions").insert({
      ...{ id: newId("out"), key: newId("key"), chain: "eip155:31337", from_address: "0x1", nonce },
      ...{ unsigned: "{}", raw: "0x1", hash: newId("hash"), ...row },
    });
  expect(await resume()).toEqual({ raised: 2 });
  expect(await wakes(app, `refund/${refundId}`)).toBeGreaterThan(1);
});

it("finds no refund of somebody else, and changes nothing there", async () => {
  const [{ refundId }, other] = [await promised(), await sell(app)];
  const owner = { account: accounts.purchase(other.purchaseId), depositAddressId: other.checkout.depositAddressId };
  const choice = { refundId, owner, actor: "ada" };
  const missing = { code: "refund_not_found", status: 404 };
  await expect(app.database.transaction((t) => confirmRefundDestination(t, choice))).rejects.toMatchObject(missing);
  await expect(app.database.transaction((t) => refuseRefund(t, app.context, choice))).rejects.toMatchObject(missing);
  await expect(app.database.transaction((t) => resumeRefund(t, choice))).rejects.toMatchObject(missing);
  expect(await findRefund(app.database, refundId)).toMatchObject({ status: "open", confirmedBy: null });
});
