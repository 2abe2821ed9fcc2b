import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  claimCost,
  findOutgoing,
  findOutgoingByKey,
  markBroadcast,
  markMined,
  reserveNonce,
  storeSigned,
} from "../../../../src/integrations/chains/outgoing/outgoing-transaction-store.ts";
import type { Database } from "../../../../src/platform/database/pool.ts";
import { CHAIN, newHash, openRows, TOKEN } from "../rows.ts";

const unsigned = {
  chainId: 31_337,
  to: TOKEN,
  data: "0x",
  gasLimit: "1",
  maxFeePerGas: "1",
  maxPriorityFeePerGas: "1",
};

describe("the nonce lane of a wallet", () => {
  let rows: Awaited<ReturnType<typeof openRows>>;
  let database: Database;
  beforeAll(async () => {
    rows = await openRows();
    database = rows.database;
  });
  afterAll(() => rows.stop());

  const reserve = (wallet: string, key: string, chainNonce = 0) =>
    database.transaction((transaction) =>
      reserveNonce(transaction, { key, chain: CHAIN, wallet, chainNonce, unsigned }),
    );
  const reserved = async (wallet: string, key: string, chainNonce = 0) => {
    const reservation = await reserve(wallet, key, chainNonce);
    if (reservation.outcome !== "reserved") throw new Error("there is a gap");
    return reservation.transaction;
  };

  it("gives 20 parallel transactions 20 consecutive nonces", async () => {
    const given = await Promise.all(Array.from({ length: 20 }, (_, index) => reserved("0xa", `a:${index}`)));
    expect(given.map(({ nonce }) => Number(nonce)).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 20 }, (_, index) => index),
    );
  });

  it("gives the same key the same nonce, also in parallel", async () => {
    const given = await Promise.all([1, 2, 3].map(() => reserved("0xb", "b:1")));
    expect(new Set(given.map(({ id }) => id)).size).toBe(1);
    expect((await reserved("0xb", "b:2")).nonce).toBe(1);
  });

  it("starts behind what the chain holds, and skips what somebody else sent from the wallet", async () => {
    expect((await reserved("0xc", "c:1", 7)).nonce).toBe(7);
    expect((await reserved("0xc", "c:2", 9)).nonce).toBe(9);
  });

  it("stops at a nonce the chain lacks and we did not give", async () => {
    await reserved("0xd", "d:1", 7);
    expect(await reserve("0xd", "d:2", 5)).toEqual({ outcome: "gap", from: 5, to: 8 });
    expect(await findOutgoingByKey(database, "d:2")).toBeUndefined();
  });

  it("stores signed bytes once", async () => {
    const { id } = await reserved("0xe", "e:1");
    const first = await storeSigned(database, { id, raw: "0x01", hash: newHash() });
    expect(await storeSigned(database, { id, raw: "0x02", hash: newHash() })).toEqual(first);
    expect(first).toMatchObject({ raw: "0x01", status: "prepared" });
  });

  it("goes from prepared over broadcast to mined, with what it cost, and never back", async () => {
    const { id } = await reserved("0xf", "f:1");
    await storeSigned(database, { id, raw: "0x01", hash: newHash() });
    await markBroadcast(database, id);
    expect(await findOutgoing(database, id)).toMatchObject({ status: "broadcast" });
    const mined = { id, blockNumber: 9, gasUsed: 70_000n, feeUnits: 2n ** 70n };
    await markMined(database, { ...mined, succeeded: true });
    await markMined(database, { ...mined, succeeded: false });
    await markBroadcast(database, id);
    expect(await findOutgoing(database, id)).toMatchObject({ status: "mined", gasUsed: 70_000n, feeUnits: 2n ** 70n });
  });

  it("lets one caller book the cost", async () => {
    const { id } = await reserved("0x10", "10:1");
    const won = await Promise.all([1, 2, 3, 4].map(() => claimCost(database, id)));
    expect(won.filter(Boolean)).toHaveLength(1);
  });
});
