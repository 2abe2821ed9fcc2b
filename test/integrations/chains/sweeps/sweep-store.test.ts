import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { listDeposits } from "../../../../src/integrations/chains/deposits/deposit-store.ts";
import {
  claimSweep,
  findSweep,
  markSettledElsewhere,
  markSwept,
  nextAttempt,
} from "../../../../src/integrations/chains/sweeps/sweep-store.ts";
import type { Database } from "../../../../src/platform/database/pool.ts";
import { addAddress, addDeposit, CHAIN, newHash, openRows, TOKEN } from "../rows.ts";

const OTHER_TOKEN = "0x0000000000000000000000000000000000000002";

describe("sweep rows", () => {
  let rows: Awaited<ReturnType<typeof openRows>>;
  let database: Database;
  beforeAll(async () => {
    rows = await openRows();
    database = rows.database;
  });
  afterAll(() => rows.stop());

  const claim = (depositAddressId: string, depositId?: string) =>
    database.transaction((transaction) =>
      claimSweep(transaction, {
        depositAddressId,
        chain: CHAIN,
        destination: "0xtreasury",
        ...(depositId === undefined ? {} : { depositId }),
      }),
    );

  it("take everything confirmed of one token, once, however parallel", async () => {
    const owner = await addAddress(database);
    await addDeposit(database, owner, { amountUnits: 3n, confirmed: true });
    await addDeposit(database, owner, { amountUnits: 4n, confirmed: true, block: { number: 8, hash: newHash() } });
    await addDeposit(database, owner, { amountUnits: 50n });
    const claimed = await Promise.all([1, 2, 3, 4].map(() => claim(owner.id)));
    expect(new Set(claimed.map((sweep) => sweep?.id)).size).toBe(1);
    expect(claimed[0]).toMatchObject({
      amountUnits: 7n,
      token: TOKEN,
      status: "open",
      attempts: 1,
      sinceBlock: 8,
      account: "purchase/pur_1",
    });
    const taken = (await listDeposits(database, owner.id)).filter(({ sweepId }) => sweepId !== null);
    expect(taken.map(({ amountUnits }) => amountUnits).sort()).toEqual([3n, 4n]);
  });

  it("take one token each", async () => {
    const owner = await addAddress(database);
    await addDeposit(database, owner, { amountUnits: 3n, confirmed: true });
    const other = await addDeposit(database, owner, { amountUnits: 9n, confirmed: true, token: OTHER_TOKEN });
    expect(await claim(owner.id, other.id)).toMatchObject({ token: OTHER_TOKEN, amountUnits: 9n });
    expect(await claim(owner.id, other.id)).toMatchObject({ token: OTHER_TOKEN });
  });

  it("do not exist for an address or a deposit with nothing confirmed", async () => {
    const owner = await addAddress(database);
    const { id } = await addDeposit(database, owner);
    expect(await claim(owner.id)).toBeUndefined();
    expect(await claim(owner.id, id)).toBeUndefined();
  });

  it("are closed by one caller, and remember the first transaction that moved the tokens", async () => {
    const owner = await addAddress(database);
    await addDeposit(database, owner, { confirmed: true });
    const id = (await claim(owner.id))?.id ?? "";
    const hash = newHash();
    await markSettledElsewhere(database, { id, hash });
    await markSettledElsewhere(database, { id, hash: newHash() });
    expect(await findSweep(database, id)).toMatchObject({ settledTransactionHash: hash, status: "open" });
    const won = await Promise.all([1, 2, 3].map(() => markSwept(database, { id, hash })));
    expect(won.filter(Boolean)).toHaveLength(1);
    expect(await claim(owner.id)).toBeUndefined();
  });

  it("count an attempt once, however often its failure is written down", async () => {
    const owner = await addAddress(database);
    await addDeposit(database, owner, { confirmed: true });
    const id = (await claim(owner.id))?.id ?? "";
    await nextAttempt(database, { id, attempt: 1 });
    await nextAttempt(database, { id, attempt: 1 });
    expect(await findSweep(database, id)).toMatchObject({ attempts: 2 });
  });
});
