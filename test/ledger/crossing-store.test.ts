import { afterAll, beforeAll, expect, it } from "vitest";
import { selectCrossings } from "../../src/ledger/crossing-store.ts";
import { parseDollars } from "../../src/money/nanodollars.ts";
import { charge, deposit, fundedAccount, type LedgerWorld, startLedgerWorld } from "./ledger-world.ts";

let world: LedgerWorld;
beforeAll(async () => {
  world = await startLedgerWorld();
});
afterAll(() => world.close());

it("keeps numbers beyond 2^53 as text, to the last digit", async () => {
  const level = 900_000_000_000_000_001n;
  const account = await fundedAccount(world, { dollars: "900000000", thresholds: [] });
  await world.owner.raw(
    "SELECT set_thresholds(id, ARRAY['low'], ARRAY[?::bigint], ARRAY[?::bigint]) FROM ledger_accounts WHERE name = ?",
    [...[`${level}`, `${level}`, account]],
  );
  const [crossing] = await selectCrossings(world.database, { account, known: {}, limit: 10 });
  expect(crossing).toMatchObject({ name: "low", level: "900000000000000001", balance: "900000000000000000" });
});

it("shows an account its own crossings only", async () => {
  const thresholds = [{ name: "low", level: parseDollars("5") }];
  const [mine, other] = [await fundedAccount(world, { thresholds }), await fundedAccount(world, { thresholds })];
  await world.ledger.post(charge(mine, "crossing-store-1", parseDollars("6")));
  expect(await selectCrossings(world.database, { account: mine, known: {}, limit: 10 })).toHaveLength(1);
  expect(await selectCrossings(world.database, { account: other, known: {}, limit: 10 })).toEqual([]);
});

it("fills a page with the lowest epochs beyond the known ones, so that a reader who goes on misses none", async () => {
  const account = await fundedAccount(world, {
    dollars: "10",
    thresholds: [{ name: "low", level: parseDollars("5") }],
  });
  for (let round = 1; round <= 5; round += 1) {
    await world.ledger.post(charge(account, `page-down-${round}`, parseDollars("6")));
    await world.ledger.post(deposit(account, `page-up-${round}`, parseDollars("6")));
  }
  const seen: string[] = [];
  for (let known = 0; ; ) {
    const page = await selectCrossings(world.database, { account, known: { low: known }, limit: 2 });
    if (page.length === 0) break;
    seen.push(...page.map(({ epoch }) => epoch));
    known = Math.max(...page.map(({ epoch }) => Number(epoch)));
  }
  expect(seen).toEqual(["1", "2", "3", "4", "5"]);
});
