import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  compareBooks,
  insertReconciliation,
  listExpected,
  listLatestReconciliations,
} from "../../../../src/integrations/chains/reconciliation/reconciliation-store.ts";
import { claimSweep, markSwept } from "../../../../src/integrations/chains/sweeps/sweep-store.ts";
import { addAddress, addDeposit, CHAIN, newHash, openRows, TOKEN } from "../rows.ts";

let rows: Awaited<ReturnType<typeof openRows>>;
beforeAll(async () => {
  rows = await openRows();
});
afterAll(() => rows.stop());

const at = (block: number) => ({ block: { number: block, hash: newHash() } });
const expectedOf = async (id: string, block: number) => {
  const range = { chain: CHAIN, token: TOKEN, block, after: "", limit: 10 };
  return (await listExpected(rows.database, { ...range, only: [id] }))[0];
};

describe("what the books expect of an address", () => {
  it("is of one block: what came later does not count, what is not credited may be there", async () => {
    const owner = await addAddress(rows.database);
    await addDeposit(rows.database, owner, { ...at(5), amountUnits: 3n, confirmed: true });
    await addDeposit(rows.database, owner, { ...at(6), amountUnits: 4n });
    await addDeposit(rows.database, owner, { ...at(9), amountUnits: 90n, confirmed: true });
    expect(await expectedOf(owner.id, 8)).toMatchObject({
      address: owner.address,
      units: 3n,
      arriving: [4n],
      leaving: [],
    });
    expect(await expectedOf(owner.id, 9)).toMatchObject({ units: 93n });
    expect(await expectedOf(owner.id, 4)).toMatchObject({ units: 0n, arriving: [] });
  });

  it("counts a sweep as under way until it was recorded and its block is known or long past", async () => {
    const owner = await addAddress(rows.database);
    await addDeposit(rows.database, owner, { ...at(5), amountUnits: 8n, confirmed: true });
    const claim = { depositAddressId: owner.id, chain: CHAIN, destination: "0xtreasury" };
    const sweep = await rows.database.transaction((transaction) => claimSweep(transaction, claim));
    expect(await expectedOf(owner.id, 8)).toMatchObject({ units: 8n, leaving: [8n] });
    await markSwept(rows.database, { id: sweep?.id ?? "", hash: newHash() });
    expect(await expectedOf(owner.id, 8)).toMatchObject({ units: 8n, leaving: [8n] });
    await rows
      .database("sweeps")
      .where({ id: sweep?.id })
      .update({ swept_at: new Date(Date.now() - 7_200_000) });
    expect(await expectedOf(owner.id, 8)).toMatchObject({ units: 0n, leaving: [] });
  });

  it("comes in pages by id, each address once", async () => {
    const range = { chain: CHAIN, token: TOKEN, block: 9, limit: 1 };
    const first = await listExpected(rows.database, { ...range, after: "" });
    const second = await listExpected(rows.database, { ...range, after: first[0]?.depositAddressId ?? "" });
    const ids = [...first, ...second].map(({ depositAddressId }) => depositAddressId);
    expect(new Set(ids).size).toBe(2);
    expect(await listExpected(rows.database, { ...range, after: "zzz" })).toEqual([]);
  });
});

describe("compareBooks", () => {
  it("converts each row by itself, as it was posted: a token of 18 decimals loses what is finer than a nanodollar", async () => {
    const token = "0x0000000000000000000000000000000000000018";
    const owner = await addAddress(rows.database);
    for (let row = 0; row < 3; row += 1)
      await addDeposit(rows.database, owner, { ...at(5), token, amountUnits: 1_999_999_999n, confirmed: true });
    expect(
      await compareBooks(rows.database, { chain: CHAIN, token, decimals: 18, accounts: ["deposit-wallet/x/DAI"] }),
    ).toEqual({
      rows: 3n,
      ledger: 0n,
    });
  });
});

describe("stored comparisons", () => {
  it("answer the latest of each chain and token, with its own drifts", async () => {
    const run = { chain: CHAIN, token: "USDC", blockNumber: 9, places: 1, expectedUnits: 5n, foundUnits: 2n };
    const figures = { underWayUnits: 0n, foreignUnits: 0n, ledgerNanodollars: 5_000n };
    const drifts = [{ place: "0xabc", unit: "base_units" as const, expected: 5n, found: 2n }];
    await insertReconciliation(rows.database, { ...run, ...figures, status: "drift", driftUnits: 3n, drifts });
    expect(await listLatestReconciliations(rows.database)).toMatchObject([{ status: "drift", driftUnits: 3n, drifts }]);
    await insertReconciliation(rows.database, { ...run, ...figures, status: "sound", driftUnits: 0n, drifts: [] });
    expect(await listLatestReconciliations(rows.database)).toMatchObject([{ status: "sound", drifts: [] }]);
  });
});
