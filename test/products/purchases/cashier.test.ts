import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { accounts } from "../../../src/ledger/chart-of-accounts.ts";
import { openAccount } from "../../../src/ledger/open-account.ts";
import { newId } from "../../../src/platform/ids.ts";
import { startTestApp, type TestApp, USDC } from "../../support/app.ts";
import { initiate, pay, wakes } from "./sales.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterEach(() => {
  app.chain.isDown = false;
});
afterAll(() => app.close());

function allocate() {
  const purchaseId = newId("pur");
  const account = accounts.purchase(purchaseId);
  return app.database.transaction(async (transaction) => {
    await openAccount(transaction, { account });
    return app.context.cashier.allocateAddress(transaction, {
      chain: "local",
      account,
      wakeSubject: `checkout/${purchaseId}`,
    });
  });
}

it("offers every token whose way out is built", () => {
  const base = { chain: "local", decimals: 6, explorerUrl: null };
  expect(app.context.cashier.methods).toMatchObject([
    { ...base, token: "USDC", tokenName: "USD Coin", tokenAddress: USDC },
    { ...base, token: "USDT", tokenName: "USDT" },
  ]);
});

describe("allocateAddress", () => {
  it("never gives an address twice, not to 30 at once and not after a rollback", async () => {
    const failing = app.database.transaction(async (transaction) => {
      await app.context.cashier.allocateAddress(transaction, {
        chain: "local",
        account: accounts.purchase("pur_lost"),
        wakeSubject: "x/1",
      });
      throw new Error("rolled back");
    });
    await expect(failing).rejects.toThrow("rolled back");
    const given = await Promise.all(Array.from({ length: 30 }, allocate));
    expect(new Set(given.map(({ address }) => address)).size).toBe(30);
    expect(new Set(given.map(({ depositAddressId }) => depositAddressId)).size).toBe(30);
  });
});

describe("readTotals and listDeposits", () => {
  it("adds confirmed and observed apart, and an orphaned deposit to neither", async () => {
    const session = await initiate(app);
    await pay(app, session, "2");
    await pay(app, session, "3");
    const last = await pay(app, session, "4000");
    const { depositAddressId } = session.checkout;
    const read = () => app.context.cashier.readTotals(app.database, depositAddressId);
    expect(await read()).toEqual({ confirmed: 5_000_000_000n, observed: 4_000_000_000_000n });
    await app.owner("deposits").where("transaction_hash", last).update({ status: "orphaned" });
    expect(await read()).toEqual({ confirmed: 5_000_000_000n, observed: 0n });
    const shown = await app.context.cashier.listDeposits(app.database, depositAddressId);
    expect(shown.map(({ amount, status }) => [amount, status])).toEqual([
      ["2", "confirmed"],
      ["3", "confirmed"],
      ["4000", "orphaned"],
    ]);
  });

  it("are empty for an address nothing came to", async () => {
    const { depositAddressId } = await allocate();
    const { cashier } = app.context;
    expect(await cashier.readTotals(app.database, depositAddressId)).toEqual({ confirmed: 0n, observed: 0n });
    expect(await cashier.listDeposits(app.database, depositAddressId)).toEqual([]);
  });
});

describe("lookNow", () => {
  it("finds what the watcher has not seen, once", async () => {
    const { depositAddressId, address } = await allocate();
    app.chain.pay({ to: address, units: 1_500_000n });
    await Promise.all(Array.from({ length: 5 }, () => app.context.cashier.lookNow("local", depositAddressId)));
    const totals = await app.context.cashier.readTotals(app.database, depositAddressId);
    expect(totals.confirmed).toBe(1_500_000_000n);
  });

  it("does not fail when the chain is away, and refuses one it does not know", async () => {
    const { depositAddressId } = await allocate();
    app.chain.isDown = true;
    await expect(app.context.cashier.lookNow("local", depositAddressId)).resolves.toBe("unknown");
    await expect(app.context.cashier.lookNow("nowhere", depositAddressId)).rejects.toMatchObject({
      code: "chain_not_supported",
    });
  });
});

it("redirects wakes in the caller's transaction only", async () => {
  const session = await initiate(app);
  const { id, depositAddressId } = session.checkout;
  const failing = app.database.transaction(async (transaction) => {
    await app.context.cashier.redirectWakes(transaction, { depositAddressId, wakeSubject: "purchase/other" });
    throw new Error("rolled back");
  });
  await expect(failing).rejects.toThrow("rolled back");
  const before = await wakes(app, `checkout/${id}`);
  await pay(app, session, "1");
  expect(await wakes(app, `checkout/${id}`)).toBeGreaterThan(before);
  expect(await wakes(app, "purchase/other")).toBe(0);
});
