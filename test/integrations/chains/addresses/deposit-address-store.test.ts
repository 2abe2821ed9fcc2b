import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  findDepositAddress,
  insertDepositAddress,
  listAddresses,
  markRetired,
  matchDepositAddresses,
  moveWakeSubject,
  oldestAddressAgeSeconds,
  takeDepositIndex,
} from "../../../../src/integrations/chains/addresses/deposit-address-store.ts";
import type { Database } from "../../../../src/platform/database/pool.ts";
import { wakesOf } from "../books.ts";
import { addAddress, addDeposit, openRows } from "../rows.ts";

describe("deposit address rows", () => {
  let rows: Awaited<ReturnType<typeof openRows>>;
  let database: Database;
  beforeAll(async () => {
    rows = await openRows();
    database = rows.database;
  });
  afterAll(() => rows.stop());

  it("have no age before the first one", async () => {
    expect(await oldestAddressAgeSeconds(database, "evm")).toBeUndefined();
    await addAddress(database);
    expect(await oldestAddressAgeSeconds(database, "evm")).toBeGreaterThanOrEqual(0);
  });

  it("are found among what a block paid, exactly as spelled and no others", async () => {
    const ours = await addAddress(database);
    const stranger = "0x00000000000000000000000000000000000000aa";
    const found = await matchDepositAddresses(database, {
      kind: "evm",
      candidates: [stranger, ours.address, ours.address],
    });
    expect(found.map(({ id }) => id)).toEqual([ours.id]);
    expect(await matchDepositAddresses(database, { kind: "evm", candidates: [ours.address.toUpperCase()] })).toEqual(
      [],
    );
    expect(await matchDepositAddresses(database, { kind: "evm", candidates: [] })).toEqual([]);
  });

  it("are listed up to a limit, retired ones too", async () => {
    const { id, address } = await addAddress(database);
    await markRetired(database, id);
    expect(await listAddresses(database, { kind: "evm", limit: 1 })).toHaveLength(1);
    expect(await listAddresses(database, { kind: "evm", limit: 1_000 })).toContain(address);
  });

  it("take a new index each time, in every transaction at once, also for a ring nobody used yet", async () => {
    const ring = { id: "kr_new", kind: "evm", fingerprint: "new" } as const;
    const taken = await Promise.all(
      Array.from({ length: 12 }, () => database.transaction((transaction) => takeDepositIndex(transaction, ring))),
    );
    expect(new Set(taken).size).toBe(12);
  });

  it("are refused when an index or an address is used twice, or a fingerprint by two rings", async () => {
    const first = await addAddress(database);
    const row = await findDepositAddress(database, first.id);
    if (row === undefined) throw new Error("the address was not stored");
    const again = (change: object) => insertDepositAddress(database, { ...row, id: "da_again", ...change });
    await expect(again({ address: "0x01" })).rejects.toMatchObject({ code: "23505" });
    await expect(again({ index: row.index + 1 })).rejects.toMatchObject({ code: "23505" });
    const impostor = { id: "kr_impostor", kind: "evm", fingerprint: "one" } as const;
    await takeDepositIndex(database, impostor);
    await expect(again({ keyRingId: "kr_impostor", address: "0x02" })).rejects.toMatchObject({ code: "23503" });
  });

  it("cannot be deleted by the application", async () => {
    await expect(database.raw("DELETE FROM deposit_addresses")).rejects.toMatchObject({ code: "42501" });
  });

  it("lets an address wake another workflow from now on", async () => {
    const owner = await addAddress(database, { wakeSubject: "checkout/before" });
    await moveWakeSubject(database, { depositAddressId: owner.id, wakeSubject: "purchase/after" });
    await addDeposit(database, owner);
    expect(await wakesOf({ database }, "checkout/before")).toBe(0);
    expect(await wakesOf({ database }, "purchase/after")).toBe(1);
  });
});
