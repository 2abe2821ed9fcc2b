import { afterAll, beforeAll, expect, it } from "vitest";
import { selectCrossings } from "../../src/ledger/crossing-store.ts";
import { parseDollars } from "../../src/money/nanodollars.ts";
import { charge, fundedAccount, type LedgerWorld, startLedgerWorld } from "./ledger-world.ts";

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
  const [crossing] = await selectCrossings(world.database, account);
  expect(crossing).toMatchObject({ name: "low", level: "900000000000000001", balance: "900000000000000000" });
});

it("shows an account its own crossings only", async () => {
  const thresholds = [{ name: "low", level: parseDollars("5") }];
  const [mine, other] = [await fundedAccount(world, { thresholds }), await fundedAccount(world, { thresholds })];
  await world.ledger.post(charge(mine, "crossing-store-1", parseDollars("6")));
  expect(await selectCrossings(world.database, mine)).toHaveLength(1);
  expect(await selectCrossings(world.database, other)).toEqual([]);
});
