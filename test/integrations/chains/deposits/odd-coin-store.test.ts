import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  claimOddLook,
  countUnknown,
  listDueAddresses,
  markLooked,
  sumKnownCoin,
} from "../../../../src/integrations/chains/deposits/odd-coin-store.ts";
import type { Database } from "../../../../src/platform/database/pool.ts";
import { newId } from "../../../../src/platform/ids.ts";
import { addAddress, addDeposit, CHAIN, newHash, openRows } from "../rows.ts";

describe("looks for odd coins", () => {
  let rows: Awaited<ReturnType<typeof openRows>>;
  let database: Database;
  beforeAll(async () => {
    rows = await openRows();
    database = rows.database;
  });
  afterAll(() => rows.stop());

  const due = async (change: object = {}) =>
    (await listDueAddresses(database, { chain: CHAIN, kind: "evm", seconds: 60, limit: 500, ...change })).map(
      ({ id }) => id,
    );

  it("take turns: one of many callers, and nobody again so soon", async () => {
    await database.raw("INSERT INTO chain_cursors (chain, scanned_to, scanned_hash, head) VALUES (?, 1, '0x', 1)", [
      CHAIN,
    ]);
    const claims = await Promise.all([1, 2, 3].map(() => claimOddLook(database, { chain: CHAIN, seconds: 15 })));
    expect(claims.filter(Boolean)).toHaveLength(1);
    expect(await claimOddLook(database, { chain: "eip155:1", seconds: 15 })).toBe(false);
  });

  it("go to new addresses, not to one just looked at, and to an old one only when it is asked for", async () => {
    const [fresh, looked, old] = [await addAddress(database), await addAddress(database), await addAddress(database)];
    await markLooked(database, { chain: CHAIN, ids: [looked.id], lookedTo: 9 });
    await database.raw("UPDATE deposit_addresses SET created_at = now() - interval '40 days' WHERE id = ?", [old.id]);
    const found = await due();
    expect(found).toContain(fresh.id);
    expect(found).not.toContain(looked.id);
    expect(found).not.toContain(old.id);
    expect(await due({ depositAddressId: old.id })).toEqual([old.id]);
    await markLooked(database, { chain: CHAIN, ids: [looked.id], lookedTo: 7 });
    const [again] = await listDueAddresses(database, {
      chain: CHAIN,
      kind: "evm",
      seconds: 0,
      limit: 1,
      depositAddressId: looked.id,
    });
    expect(again?.lookedTo).toBe(9);
  });

  it("count our own coin in and out, and tell nothing while some is under way", async () => {
    const { id: depositAddressId, address } = await addAddress(database);
    const known = (block: number) => sumKnownCoin(database, { chain: CHAIN, depositAddressId, address, block });
    const insert = (change: Readonly<Record<string, unknown>>) =>
      database("outgoing_transactions").insert({
        id: newId("otx"),
        key: newId("key"),
        chain: CHAIN,
        nonce: 1,
        raw: "0x",
        hash: newHash(),
        fee_units: "5",
        ...change,
      });
    expect(await known(100)).toBe(0n);
    await insert({
      from_address: "0xVendor",
      unsigned: { to: address, value: "1000" },
      status: "mined",
      block_number: 50,
    });
    await insert({ from_address: address, unsigned: { to: "0xtoken" }, status: "mined", block_number: 60 });
    expect(await known(49)).toBe(0n);
    expect(await known(55)).toBe(1_000n);
    expect(await known(60)).toBe(995n);
    await insert({
      from_address: address,
      nonce: 2,
      unsigned: { to: "0xtoken" },
      status: "broadcast",
      fee_units: null,
    });
    expect(await known(60)).toBeUndefined();
  });

  it("count what is written down of unknown tokens", async () => {
    const owner = await addAddress(database);
    await addDeposit(database, owner);
    await database.raw("UPDATE deposits SET kind = 'unknown_token' WHERE deposit_address_id = ?", [owner.id]);
    expect(await countUnknown(database, { chain: CHAIN, ids: [owner.id] })).toEqual(new Map([[owner.id, 1]]));
  });
});
