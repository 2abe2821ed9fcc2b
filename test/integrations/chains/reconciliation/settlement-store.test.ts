import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  findSettlementWatch,
  keepIncoming,
  listIncoming,
  markTold,
} from "../../../../src/integrations/chains/reconciliation/settlement-store.ts";
import { CHAIN, openRows, TOKEN } from "../rows.ts";

let rows: Awaited<ReturnType<typeof openRows>>;
beforeAll(async () => {
  rows = await openRows();
});
afterAll(() => rows.stop());

const place = { chain: CHAIN, token: TOKEN, wallet: "0xs" };
const stranger = { transaction: "0x1", units: 7n, block: 5 };

describe("a settlement wallet's watch", () => {
  it("keeps each transaction once, and never moves back", async () => {
    expect(await findSettlementWatch(rows.database, place)).toBeUndefined();
    for (const scannedTo of [10, 30, 20]) {
      const watch = { scannedTo, cursor: { account: `${scannedTo}` } };
      await keepIncoming(rows.database, { ...place, watch, incoming: [stranger] });
    }
    expect(await findSettlementWatch(rows.database, place)).toEqual({ scannedTo: 30, cursor: { account: "30" } });
    expect(await listIncoming(rows.database, place)).toEqual([{ ...stranger, isOld: false, isTold: false }]);
  });

  it("knows of which transactions operators were told", async () => {
    await markTold(rows.database, { ...place, transactions: ["0x1", "0x2"] });
    expect(await listIncoming(rows.database, place)).toMatchObject([{ isTold: true }]);
    expect(await listIncoming(rows.database, { ...place, wallet: "0xother" })).toEqual([]);
  });
});
