import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  listDeposits,
  listObserved,
  markCredited,
  markOrphaned,
  markWaiting,
  storeObserved,
  sumUnswept,
} from "../../../../src/integrations/chains/deposits/deposit-store.ts";
import type { Database } from "../../../../src/platform/database/pool.ts";
import { wakesOf } from "../books.ts";
import { addAddress, addDeposit, CHAIN, newHash, openRows, TOKEN, transferTo } from "../rows.ts";

describe("deposit rows", () => {
  let rows: Awaited<ReturnType<typeof openRows>>;
  let database: Database;
  beforeAll(async () => {
    rows = await openRows();
    database = rows.database;
  });
  afterAll(() => rows.stop());

  it("exist once for a place on the chain, however many scanners store it at once, and wake once", async () => {
    const owner = await addAddress(database);
    const transfers = [transferTo(owner), transferTo(owner)];
    const stored = await Promise.all(
      Array.from({ length: 6 }, () => storeObserved(database, { chain: CHAIN, transfers })),
    );
    expect(stored.reduce((sum, count) => sum + count, 0)).toBe(2);
    expect(await listDeposits(database, owner.id)).toHaveLength(2);
    expect(await wakesOf({ database }, owner.wakeSubject)).toBe(1);
  });

  it("keep amounts no number could hold", async () => {
    const owner = await addAddress(database);
    const amountUnits = 2n ** 256n - 1n;
    expect((await addDeposit(database, owner, { amountUnits })).amountUnits).toBe(amountUnits);
  });

  it("follow their transaction to another block while they are observed, and stay where they were credited", async () => {
    const owner = await addAddress(database);
    const [waiting, credited] = [
      await addDeposit(database, owner),
      await addDeposit(database, owner, { confirmed: true }),
    ];
    const moved = { number: 12, hash: newHash() };
    for (const { transactionHash } of [waiting, credited]) {
      await storeObserved(database, {
        chain: CHAIN,
        transfers: [transferTo(owner, { transactionHash, block: moved })],
      });
    }
    const after = await listDeposits(database, owner.id);
    expect(after.find(({ id }) => id === waiting.id)).toMatchObject({
      blockHash: moved.hash,
      blockNumber: 12,
      status: "observed",
    });
    expect(after.find(({ id }) => id === credited.id)).toMatchObject({
      blockHash: credited.blockHash,
      status: "confirmed",
    });
  });

  it("are confirmed by one of many scanners, and by none that saw another block", async () => {
    const deposit = await addDeposit(database, await addAddress(database));
    const confirmed = { status: "confirmed", waitingFor: null } as const;
    expect(await markCredited(database, { ...deposit, blockHash: newHash() }, confirmed)).toBeUndefined();
    const won = await Promise.all([1, 2, 3, 4].map(() => markCredited(database, deposit, confirmed)));
    expect(won.filter(Boolean)).toEqual([1]);
    expect(await markOrphaned(database, deposit, "late")).toBe(false);
  });

  it("come back from orphaned when their transaction does", async () => {
    const owner = await addAddress(database);
    const deposit = await addDeposit(database, owner);
    expect(await markOrphaned(database, deposit, "block_replaced")).toBe(true);
    expect(await listObserved(database, { chain: CHAIN, limit: 10, depositAddressId: owner.id })).toEqual([]);
    const { transactionHash } = deposit;
    await storeObserved(database, { chain: CHAIN, transfers: [transferTo(owner, { transactionHash })] });
    expect(await listObserved(database, { chain: CHAIN, limit: 10, depositAddressId: owner.id })).toMatchObject([
      { id: deposit.id, status: "observed", waitingFor: null },
    ]);
  });

  it("say why they wait", async () => {
    const owner = await addAddress(database);
    const { id } = await addDeposit(database, owner);
    await markWaiting(database, id, "confirmations");
    expect(await listDeposits(database, owner.id)).toMatchObject([{ waitingFor: "confirmations" }]);
  });

  it("add up to what a sweep may take: confirmed, of this token, not taken", async () => {
    const owner = await addAddress(database);
    await addDeposit(database, owner, { amountUnits: 7n, confirmed: true });
    await addDeposit(database, owner, { amountUnits: 8n, confirmed: true });
    await addDeposit(database, owner, { amountUnits: 100n });
    await addDeposit(database, owner, {
      amountUnits: 1_000n,
      confirmed: true,
      token: "0x0000000000000000000000000000000000000002",
    });
    expect(await sumUnswept(database, { depositAddressId: owner.id, chain: CHAIN, token: TOKEN })).toBe(15n);
  });

  it("are refused by the database when they are worth nothing or confirmed without a time", async () => {
    const owner = await addAddress(database);
    const zero = transferTo(owner, { amountUnits: 0n });
    await expect(storeObserved(database, { chain: CHAIN, transfers: [zero] })).rejects.toMatchObject({ code: "23514" });
    const { id } = await addDeposit(database, owner);
    const lying = database.raw("UPDATE deposits SET status = 'confirmed' WHERE id = ?", [id]);
    await expect(lying).rejects.toMatchObject({ code: "23514" });
    await expect(database.raw("DELETE FROM deposits WHERE id = ?", [id])).rejects.toMatchObject({ code: "42501" });
  });
});
