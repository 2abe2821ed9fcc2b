import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { accounts } from "../../src/ledger/chart-of-accounts.ts";
import { readHistory } from "../../src/ledger/history.ts";
import { authoriseHold, releaseHold, settleHold } from "../../src/ledger/holds.ts";
import { nanodollars } from "../../src/money/nanodollars.ts";
import { charge, codes, deposit, fundedAccount, type LedgerWorld, startLedgerWorld } from "./ledger-world.ts";

let world: LedgerWorld;
beforeAll(async () => {
  world = await startLedgerWorld();
});
afterAll(() => world.close());

describe("history", () => {
  it("walks every entry once, newest first, while new ones arrive", async () => {
    const account = await fundedAccount(world, { dollars: "1" });
    for (let n = 0; n < 25; n += 1) await world.ledger.post(charge(account, `h-${n}`, BigInt(n + 1)));
    const seen: bigint[] = [];
    let cursor: string | undefined;
    do {
      const page = await readHistory(world.database, {
        account,
        limit: 7,
        ...(cursor === undefined ? {} : { cursor }),
      });
      seen.push(...page.items.map(({ change }) => change));
      cursor = page.nextCursor ?? undefined;
      await world.ledger.post(deposit(account, `h-new-${seen.length}`, 1000n));
    } while (cursor !== undefined);
    expect(seen).toEqual([...Array.from({ length: 25 }, (_, n) => BigInt(n - 25)), 1_000_000_000n]);
  });

  it("shows what was settled from a hold, and neither setting aside nor freeing", async () => {
    const account = await fundedAccount(world, { dollars: "1" });
    const hold = { account, expiresAt: new Date(Date.now() + 60_000), purpose: "call", amount: nanodollars(500n) };
    const kept = await authoriseHold(world.ledger, { ...hold, idempotencyKey: "h-hold-1" });
    const freed = await authoriseHold(world.ledger, { ...hold, idempotencyKey: "h-hold-2" });
    await releaseHold(world.ledger, { holdId: freed.holdId });
    await settleHold(world.ledger, {
      holdId: kept.holdId,
      idempotencyKey: "h-s",
      amount: nanodollars(200n),
      creditAccount: accounts.revenue("gateway"),
      description: "a call",
    });
    const { items } = await readHistory(world.database, { account, limit: 10 });
    expect(items.map(({ kind, change, description }) => [kind, change, description])).toEqual([
      ["hold_settled", -200n, "a call"],
      ["deposit_confirmed", 1_000_000_000n, null],
    ]);
  });

  it("refuses a page size or a cursor that is none", async () => {
    const account = await fundedAccount(world);
    const pages = [{ limit: 0 }, { limit: 501 }, { limit: 1.5 }, { limit: 10, cursor: "1 OR 1=1" }];
    expect(await codes(pages.map((page) => readHistory(world.database, { account, ...page })))).toEqual([
      "invalid_entry",
      "invalid_entry",
      "invalid_entry",
      "entry_not_found",
    ]);
  });
});
