import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  listDeposits,
  markCredited,
  storeObserved,
} from "../../../../src/integrations/chains/deposits/deposit-store.ts";
import {
  doubtEverything,
  findRecordedSweep,
  listNotFinal,
  markChecked,
  markDoubted,
  markReversed,
  moveDeposit,
} from "../../../../src/integrations/chains/deposits/recheck-store.ts";
import { lockRefundables } from "../../../../src/integrations/chains/refunds/refund-store.ts";
import { claimSweep } from "../../../../src/integrations/chains/sweeps/sweep-store.ts";
import type { Database } from "../../../../src/platform/database/pool.ts";
import { addAddress, addDeposit, CHAIN, newHash, openRows, transferTo } from "../rows.ts";

describe("credited deposits on their way to finality", () => {
  let rows: Awaited<ReturnType<typeof openRows>>;
  let database: Database;
  beforeAll(async () => {
    rows = await openRows();
    database = rows.database;
  });
  afterAll(() => rows.stop());

  const credited = async () => {
    const owner = await addAddress(database);
    return { owner, deposit: await addDeposit(database, owner, { confirmed: true }) };
  };
  const read = async (owner: { readonly id: string }) => (await listDeposits(database, owner.id))[0];
  const due = async (checkedBefore: number) =>
    (await listNotFinal(database, { chain: CHAIN, checkedBefore, limit: 500 })).map(({ id }) => id);

  it("are due when they were not looked at since, and never again once final", async () => {
    const { deposit } = await credited();
    expect(await due(0)).toContain(deposit.id);
    await markChecked(database, { ids: [deposit.id], head: 50, final: false });
    expect(await due(49)).not.toContain(deposit.id);
    expect(await due(50)).toContain(deposit.id);
    await doubtEverything(database, CHAIN);
    expect(await due(0)).toContain(deposit.id);
    await markChecked(database, { ids: [deposit.id], head: 60, final: true });
    await doubtEverything(database, CHAIN);
    expect(await due(1_000_000)).not.toContain(deposit.id);
    expect(await markReversed(database, { deposit, reason: "late" })).toBe(false);
  });

  it("remember the head of the first doubt, and forget it when the block is back", async () => {
    const { owner, deposit } = await credited();
    const doubt = (head: number) => markDoubted(database, { id: deposit.id, head, reason: "block_replaced" });
    expect(await doubt(70)).toBe(true);
    expect(await doubt(75)).toBe(false);
    expect(await read(owner)).toMatchObject({ doubtedBlock: 70, waitingFor: "block_replaced", status: "confirmed" });
    expect(await due(0)).toContain(deposit.id);
    await markChecked(database, { ids: [deposit.id], head: 76, final: false });
    expect(await read(owner)).toMatchObject({ doubtedBlock: null, waitingFor: null });
  });

  it("move from the block they were known in, and only from that", async () => {
    const { owner, deposit } = await credited();
    const block = { number: 12, hash: newHash() };
    expect(await moveDeposit(database, { deposit: { ...deposit, blockHash: newHash() }, block, head: 20 })).toBe(false);
    expect(await moveDeposit(database, { deposit, block, head: 20 })).toBe(true);
    expect(await read(owner)).toMatchObject({ blockNumber: 12, blockHash: block.hash, status: "confirmed" });
  });

  it("are reversed by one of many, not when they changed hands meanwhile, and are observed anew when they come back", async () => {
    const { owner, deposit } = await credited();
    expect(await markReversed(database, { deposit: { ...deposit, account: "purchase/other" }, reason: "x" })).toBe(
      false,
    );
    const won = await Promise.all([1, 2, 3].map(() => markReversed(database, { deposit, reason: "block_replaced" })));
    expect(won.filter(Boolean)).toHaveLength(1);
    expect(await due(1_000_000)).not.toContain(deposit.id);
    const { transactionHash } = deposit;
    await storeObserved(database, {
      chain: CHAIN,
      transfers: [transferTo(owner, { transactionHash, amountUnits: 7n })],
    });
    expect(await read(owner)).toMatchObject({
      id: deposit.id,
      status: "observed",
      amountUnits: 7n,
      credits: 1,
      confirmedAt: null,
    });
  });

  it("are locked in one order by whoever holds several: the watcher, a checkout's look, a sweep and a refund never wait in a ring", async () => {
    const owner = await addAddress(database);
    const found = Array.from({ length: 40 }, () => transferTo(owner));
    await storeObserved(database, { chain: CHAIN, transfers: found });
    const deposits = await listDeposits(database, owner.id);
    for (const deposit of deposits) await markCredited(database, deposit, { status: "confirmed", waitingFor: null });
    const ids = deposits.map(({ id }) => id);
    const look = [...found].reverse().map((transfer) => ({ ...transfer, block: { number: 11, hash: newHash() } }));
    const unswept = { depositAddressId: owner.id, chain: CHAIN, destination: "0x01" };
    for (let round = 0; round < 15; round += 1)
      await Promise.all([
        storeObserved(database, { chain: CHAIN, transfers: look }),
        storeObserved(database, { chain: CHAIN, transfers: [...found, transferTo(owner)] }),
        markChecked(database, { ids, head: 100 + round, final: false }),
        markChecked(database, { ids: [...ids].sort(), head: 100 + round, final: false }),
        doubtEverything(database, CHAIN),
        database.transaction((transaction) => lockRefundables(transaction, { ...unswept, account: "purchase/pur_1" })),
        database.transaction((transaction) => claimSweep(transaction, unswept)),
      ]);
    expect(await listDeposits(database, owner.id)).toHaveLength(40 + 15);
  });

  it("know no recorded sweep where there is none", async () => {
    expect(await findRecordedSweep(database, "swp_none")).toBeUndefined();
  });
});
