import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  findOwnTransactions,
  listTreasuryWatches,
  moveTreasuryWatch,
  openTreasuryWatch,
  selectExpectedTreasury,
} from "../../../../src/integrations/chains/reconciliation/treasury-store.ts";
import { claimSweep } from "../../../../src/integrations/chains/sweeps/sweep-store.ts";
import { addAddress, addDeposit, CHAIN, newHash, openRows, TOKEN } from "../rows.ts";

let rows: Awaited<ReturnType<typeof openRows>>;
beforeAll(async () => {
  rows = await openRows();
});
afterAll(() => rows.stop());

const place = { chain: CHAIN, token: TOKEN };

describe("treasury watches", () => {
  it("are opened by one caller, and never move back", async () => {
    const open = () => openTreasuryWatch(rows.database, { ...place, wallet: "0xw", block: 10 });
    expect((await Promise.all([open(), open(), open()])).filter(Boolean)).toHaveLength(1);
    await moveTreasuryWatch(rows.database, { ...place, wallet: "0xw", block: 30 });
    await moveTreasuryWatch(rows.database, { ...place, wallet: "0xw", block: 20 });
    expect(await listTreasuryWatches(rows.database, place)).toEqual([{ wallet: "0xw", scannedTo: 30 }]);
  });
});

describe("what the treasury must hold", () => {
  it("counts an open sweep as arriving, and knows no transaction of ours among strangers'", async () => {
    const owner = await addAddress(rows.database);
    await addDeposit(rows.database, owner, { block: { number: 5, hash: newHash() }, amountUnits: 8n, confirmed: true });
    const claim = { depositAddressId: owner.id, chain: CHAIN, destination: "0xw" };
    await rows.database.transaction((transaction) => claimSweep(transaction, claim));
    const account = `treasury/${CHAIN}/USDC`;
    expect(await selectExpectedTreasury(rows.database, { ...place, block: 9, account })).toEqual({
      ledger: 0n,
      later: 0n,
      arriving: [8n],
      leaving: [],
    });
    expect(await findOwnTransactions(rows.database, { chain: CHAIN, hashes: [newHash()] })).toEqual(new Set());
    expect(await findOwnTransactions(rows.database, { chain: CHAIN, hashes: [] })).toEqual(new Set());
  });
});
