import { afterAll, beforeAll, expect, it } from "vitest";
import {
  insertDepositAddress,
  takeDepositIndex,
} from "../../../../src/integrations/chains/addresses/deposit-address-store.ts";
import {
  listDueWatches,
  noteLooks,
  restartWatches,
  startWatch,
} from "../../../../src/integrations/chains/deposits/account-watch-store.ts";
import { type Database, openDatabase } from "../../../../src/platform/database/pool.ts";
import { createTestDatabase, type TestDatabase } from "../../../support/database.ts";

let test: TestDatabase;
let database: Database;
let owner: Database;

beforeAll(async () => {
  test = await createTestDatabase();
  database = openDatabase(test.applicationUrl, { maxConnections: 4, name: "watch-store-test" });
  owner = openDatabase(test.ownerUrl, { maxConnections: 2, name: "watch-store-owner" });
  await takeDepositIndex(database, { id: "kr_1", kind: "solana", fingerprint: "f1" });
});
afterAll(async () => {
  await Promise.all([database.destroy(), owner.destroy()]);
  await test.drop();
});

let made = 0;
async function watched(): Promise<string> {
  made += 1;
  const id = `da_${made}`;
  const row = { id, keyRingId: "kr_1", index: made, kind: "solana" as const, address: `address ${made}` };
  await insertDepositAddress(database, { ...row, account: "purchase/pur_1", wakeSubject: "purchase/pur_1" });
  await startWatch(database, id);
  return id;
}

/** Seconds until an address is looked at next. */
async function pause(id: string): Promise<number> {
  const [row] = await owner("account_watches")
    .where("deposit_address_id", id)
    .select(owner.raw("EXTRACT(EPOCH FROM due_at - now())::float8 AS seconds"));
  return Math.round(row.seconds);
}
const age = (id: string, interval: string) =>
  owner.raw("UPDATE account_watches SET changed_at = now() - ?::interval WHERE deposit_address_id = ?", [interval, id]);

it.each([
  ["10 minutes", 0],
  ["5 hours", 15],
  ["3 days", 300],
  ["90 days", 3_600],
])("looks at an address that was quiet for %s again in %i seconds", async (quietFor, seconds) => {
  const id = await watched();
  await age(id, quietFor);
  await noteLooks(database, [{ depositAddressId: id, holdings: "" }]);
  expect(Math.max(0, await pause(id))).toBe(seconds);
});

it("looks at once again at what changed or may still change, however old it is", async () => {
  const id = await watched();
  await age(id, "90 days");
  await noteLooks(database, [{ depositAddressId: id, holdings: "5", read: { cursor: { a: "s" }, isSettled: false } }]);
  expect(Math.max(0, await pause(id))).toBe(0);
  await age(id, "90 days");
  await noteLooks(database, [{ depositAddressId: id, holdings: "5" }]);
  expect(Math.max(0, await pause(id))).toBe(0);
  const due = (await listDueWatches(database, 100)).find(({ depositAddressId }) => depositAddressId === id);
  expect(due).toMatchObject({ holdings: "5", cursor: { a: "s" }, isSettled: false });
});

it("forgets what was read when the chain began anew", async () => {
  const id = await watched();
  await noteLooks(database, [{ depositAddressId: id, holdings: "5", read: { cursor: { a: "s" }, isSettled: true } }]);
  await restartWatches(database);
  const due = (await listDueWatches(database, 100)).find(({ depositAddressId }) => depositAddressId === id);
  expect(due).toMatchObject({ holdings: "", cursor: {}, isSettled: true });
});

it("locks addresses in one order: passes that overlap, and a chain that begins anew meanwhile, never wait in a ring", async () => {
  const ids: string[] = [];
  for (let count = 0; count < 200; count += 1) ids.push(await watched());
  // Among thousands of addresses each is looked up by itself, in the order it is named.
  await owner.raw(`
    INSERT INTO deposit_addresses (id, key_ring_id, index, chain_kind, address, account, wake_subject)
      SELECT 'da_many_' || n, 'kr_1', 100000 + n, 'solana', 'many ' || n, 'purchase/p', 'purchase/p' FROM generate_series(1, 5000) n;
    INSERT INTO account_watches (deposit_address_id) SELECT 'da_many_' || n FROM generate_series(1, 5000) n;
    ANALYZE account_watches`);
  const look = (order: readonly string[], holdings: string) =>
    noteLooks(
      database,
      order.map((depositAddressId) => ({ depositAddressId, holdings })),
    );
  for (let round = 0; round < 10; round += 1)
    await Promise.all([
      look(ids, `a${round}`),
      look(ids.toReversed(), `b${round}`),
      look(ids.toSorted(), `c${round}`),
      restartWatches(database),
    ]);
  await look(ids, "last");
  const held: string[] = await owner("account_watches").whereIn("deposit_address_id", ids).distinct().pluck("holdings");
  expect(held).toEqual(["last"]);
});
