import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AccountName, accounts } from "../../src/ledger/chart-of-accounts.ts";
import {
  openGrantRow,
  selectDueGrants,
  selectGrantAccount,
  selectSpendableGrants,
} from "../../src/ledger/grant-store.ts";
import { deposit, fundedAccount, type LedgerWorld, startLedgerWorld } from "./ledger-world.ts";

let world: LedgerWorld;
beforeAll(async () => {
  world = await startLedgerWorld();
});
afterAll(() => world.close());

const HOUR = 3_600_000;

async function grant(
  owner: AccountName,
  grantId: string,
  options: { readonly priority?: number; readonly inMs?: number; readonly amount?: bigint } = {},
): Promise<void> {
  const account = accounts.grant(owner, grantId);
  const expiresAt = options.inMs === undefined ? null : new Date(Date.now() + options.inMs);
  await openGrantRow(world.database, { grantId, account, owner, priority: options.priority ?? 10, expiresAt });
  const amount = options.amount ?? 100n;
  if (amount > 0n) await world.ledger.post(deposit(account, `fund-${grantId}`, amount));
}

describe("the grants that can be spent", () => {
  it("come by priority, then by the earlier expiry with endless ones last, then by id", async () => {
    const owner = await fundedAccount(world);
    await grant(owner, "g-endless", { priority: 5 });
    await grant(owner, "g-b", { priority: 5, inMs: 2 * HOUR });
    await grant(owner, "g-late", { priority: 9, inMs: HOUR });
    await grant(owner, "g-soon", { priority: 5, inMs: HOUR });
    await grant(owner, "g-endless-2", { priority: 5 });
    const found = await selectSpendableGrants(world.database, owner);
    expect(found.map(({ grant_id }) => grant_id)).toEqual(["g-soon", "g-b", "g-endless", "g-endless-2", "g-late"]);
  });

  it("are neither empty ones nor expired ones nor those of somebody else", async () => {
    const [owner, other] = [await fundedAccount(world), await fundedAccount(world)];
    await grant(owner, "h-empty", { amount: 0n });
    await grant(other, "h-other");
    await grant(owner, "h-mine", { amount: 7n });
    await grant(owner, "h-past", { inMs: -100 });
    const found = await selectSpendableGrants(world.database, owner);
    expect(found.map(({ grant_id, balance }) => [grant_id, balance])).toEqual([["h-mine", "7"]]);
    expect(await selectDueGrants(world.database, 10)).toContain("h-past");
  });
});

describe("a grant", () => {
  it("is opened once: the same id again changes neither its order nor its expiry", async () => {
    const owner = await fundedAccount(world);
    await grant(owner, "i-once", { priority: 3 });
    await openGrantRow(world.database, {
      ...{ grantId: "i-once", account: accounts.grant(owner, "i-once"), owner, priority: 1, expiresAt: new Date(1) },
    });
    expect(await selectSpendableGrants(world.database, owner)).toMatchObject([{ priority: 3, expires_at: null }]);
  });

  it("is found by its id, and nothing is found by another", async () => {
    const owner = await fundedAccount(world);
    await grant(owner, "j-found");
    expect(await selectGrantAccount(world.database, "j-found")).toBe(accounts.grant(owner, "j-found"));
    expect(await selectGrantAccount(world.database, "j-unknown")).toBeUndefined();
  });

  it("is not opened for a customer who does not exist", async () => {
    const owner = accounts.purchase("never");
    const opening = { grantId: "k", account: accounts.grant(owner, "k"), owner, priority: 1, expiresAt: null };
    await expect(openGrantRow(world.database, opening)).rejects.toMatchObject({ code: "23503" });
  });
});

describe("the grants to take back", () => {
  it("are the longest overdue first and no more than asked for", async () => {
    const owner = await fundedAccount(world);
    await grant(owner, "l-second", { inMs: -HOUR });
    await grant(owner, "l-first", { inMs: -2 * HOUR });
    const due = (await selectDueGrants(world.database, 100)).filter((id) => id.startsWith("l-"));
    expect(due).toEqual(["l-first", "l-second"]);
    expect(await selectDueGrants(world.database, 1)).toHaveLength(1);
  });
});
