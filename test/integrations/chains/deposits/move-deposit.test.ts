import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { moveDeposit } from "../../../../src/integrations/chains/deposits/move-deposit.ts";
import { lockDeposit } from "../../../../src/integrations/chains/deposits/suspense-store.ts";
import { requestRemainderRefund } from "../../../../src/integrations/chains/refunds/refund-requests.ts";
import { readBalance } from "../../../../src/ledger/balances.ts";
import { accounts } from "../../../../src/ledger/chart-of-accounts.ts";
import { nanodollars } from "../../../../src/money/nanodollars.ts";
import { charge, initiate, paidSession, pay, type Session } from "../../../products/purchases/sales.ts";
import { startTestApp, type TestApp } from "../../../support/app.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

const accountOf = ({ checkout }: Session) => accounts.purchase(checkout.purchaseId);
const balanceOf = async (session: Session) => (await readBalance(app.database, accountOf(session))).available;

async function depositOf({ checkout }: Session): Promise<string> {
  const row: { id: string } | undefined = await app
    .database("deposits")
    .where("deposit_address_id", checkout.depositAddressId)
    .first("id");
  return row?.id ?? "";
}

const move = (depositId: string, to: Session, key: string) =>
  app.database.transaction((transaction) =>
    moveDeposit(transaction, app.context, { key, depositId, account: accountOf(to) }),
  );

describe("moveDeposit", () => {
  it("moves the money and the deposit from one customer to another, and back again under another key", async () => {
    const [wrong, right] = [await paidSession(app, "7"), await paidSession(app, "1")];
    const depositId = await depositOf(wrong);
    expect(await move(depositId, right, "k1")).toEqual({ amount: 7_000_000_000n, from: accountOf(wrong) });
    expect([await balanceOf(wrong), await balanceOf(right)]).toEqual([0n, 8_000_000_000n]);
    expect(await app.database.transaction((transaction) => lockDeposit(transaction, depositId))).toMatchObject({
      account: accountOf(right),
      status: "confirmed",
    });
    await move(depositId, wrong, "k2");
    expect([await balanceOf(wrong), await balanceOf(right)]).toEqual([7_000_000_000n, 1_000_000_000n]);
  });

  it("gives a deposit out of suspense", async () => {
    const right = await paidSession(app, "1");
    const session = await initiate(app);
    await app
      .database("deposit_addresses")
      .where("id", session.checkout.depositAddressId)
      .update({ accepts: ["USDT"] });
    await pay(app, session, "3");
    const depositId = await depositOf(session);
    const before = await app.database.transaction((transaction) => lockDeposit(transaction, depositId));
    expect(before?.status).toBe("suspense");
    expect(await move(depositId, right, "k0")).toEqual({ amount: 3_000_000_000n, from: before?.account });
    expect(await balanceOf(right)).toBe(4_000_000_000n);
    await expect(move(depositId, right, "k0")).rejects.toMatchObject({ code: "deposit_not_assignable" });
  });

  it("is refused when the first has spent it, and changes nothing", async () => {
    const [wrong, right] = [await paidSession(app, "5"), await paidSession(app, "1")];
    await charge(app, { purchaseId: wrong.checkout.purchaseId }, "0.5");
    const depositId = await depositOf(wrong);
    await expect(move(depositId, right, "k3")).rejects.toMatchObject({ code: "insufficient_funds" });
    expect([await balanceOf(wrong), await balanceOf(right)]).toEqual([4_500_000_000n, 1_000_000_000n]);
  });

  it("is refused when some of it went back to its sender: what is left in the balance came with other deposits", async () => {
    const [wrong, right] = [await paidSession(app, "3"), await paidSession(app, "1")];
    const first = await depositOf(wrong);
    await pay(app, wrong, "4");
    await app.database.transaction((transaction) =>
      requestRemainderRefund(transaction, app.context, {
        key: "k7",
        account: accountOf(wrong),
        depositAddressId: wrong.checkout.depositAddressId,
        amount: nanodollars(6_000_000_000n),
      }),
    );
    await expect(move(first, right, "k8")).rejects.toMatchObject({ code: "deposit_not_assignable", status: 409 });
    expect([await balanceOf(wrong), await balanceOf(right)]).toEqual([1_000_000_000n, 1_000_000_000n]);
  });

  it("is refused for an unknown deposit, one that is there already, and one that is nobody's", async () => {
    const session = await paidSession(app, "5");
    const other = await paidSession(app, "1");
    const depositId = await depositOf(session);
    await expect(move("dep_none", session, "k4")).rejects.toMatchObject({ code: "deposit_not_found", status: 404 });
    await expect(move(depositId, session, "k5")).rejects.toMatchObject({ code: "deposit_not_assignable", status: 409 });
    await app.database("deposits").where("id", depositId).update({ status: "observed", confirmed_at: null });
    await expect(move(depositId, other, "k6")).rejects.toMatchObject({
      code: "deposit_not_assignable",
    });
  });
});
