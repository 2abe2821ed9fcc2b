import { randomUUID } from "node:crypto";
import type { Knex } from "knex";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  claimSettlement,
  findSettlement,
  lockLane,
  recordOutcome,
  recordTransaction,
  renewClaim,
  unresolvedSettlements,
  withdrawTransaction,
} from "../../../../src/integrations/x402/own-facilitator/settlement-store.ts";
import { openDatabase } from "../../../../src/platform/database/pool.ts";
import { createTestDatabase, type TestDatabase } from "../../../support/database.ts";

const terms = { payer: "p", payTo: "m", asset: "a", amount: "5" };
const NETWORK = "eip155:31337";

describe("the books of our facilitator", () => {
  let test: TestDatabase;
  let database: Knex;
  beforeAll(async () => {
    test = await createTestDatabase();
    database = openDatabase(test.applicationUrl, { maxConnections: 4, name: "test" });
  });
  afterAll(async () => {
    await database.destroy();
    await test.drop();
  });

  const newKey = (network = NETWORK) => ({ network, payloadKey: randomUUID() });
  const claim = (key: ReturnType<typeof newKey>, by: string, seconds = 60) =>
    claimSettlement(database, { ...key, claim: by, seconds, terms });
  const signed = (nonce = 0) => ({ transaction: `0x${randomUUID()}`, raw: "0x02", wallet: randomUUID(), nonce });

  it("gives a claim to one of many who ask at once, and again once it was let go", async () => {
    const key = newKey();
    const claims = Array.from({ length: 8 }, () => randomUUID());
    const got = await Promise.all(claims.map((by) => claim(key, by)));
    expect(got.filter(Boolean)).toHaveLength(1);
    await renewClaim(database, { claim: claims[got.indexOf(true)] ?? "", seconds: 0 });
    expect(await claim(key, randomUUID())).toBe(true);
  });

  it("records a transaction only for who still holds the claim, and only one", async () => {
    const key = newKey();
    const [early, late] = [randomUUID(), randomUUID()];
    await claim(key, early);
    await renewClaim(database, { claim: early, seconds: 0 });
    await claim(key, late);
    expect(await recordTransaction(database, { claim: early, signed: signed() })).toBe(false);
    const first = signed();
    expect(await recordTransaction(database, { claim: late, signed: first })).toBe(true);
    expect(await recordTransaction(database, { claim: late, signed: signed() })).toBe(false);
    expect(await findSettlement(database, key)).toMatchObject({
      transaction: first.transaction,
      isClaimed: true,
      terms,
    });
  });

  it("frees what the node never took, and keeps what is resolved", async () => {
    const key = newKey();
    const by = randomUUID();
    await claim(key, by);
    const [lost, sent] = [signed(), signed()];
    await recordTransaction(database, { claim: by, signed: lost });
    await withdrawTransaction(database, lost);
    expect(await recordTransaction(database, { claim: by, signed: sent })).toBe(true);
    await recordOutcome(database, { ...key, outcome: { success: true } });
    await withdrawTransaction(database, sent);
    await recordOutcome(database, { ...key, outcome: { success: false, reason: "later" } });
    const record = await findSettlement(database, key);
    expect(record).toMatchObject({ transaction: sent.transaction, outcome: { success: true }, isClaimed: false });
    expect(await claim(key, randomUUID())).toBe(false);
  });

  it("lists what was sent and nobody is at, on the networks that are asked for", async () => {
    const network = `eip155:${Math.floor(Math.random() * 1e9)}`;
    const [abandoned, held, unsent] = [newKey(network), newKey(network), newKey(network)];
    for (const key of [abandoned, held, unsent]) {
      const by = randomUUID();
      await claim(key, by);
      if (key !== unsent) await recordTransaction(database, { claim: by, signed: signed() });
      if (key !== held) await renewClaim(database, { claim: by, seconds: 0 });
    }
    const listed = await unresolvedSettlements(database, { networks: [network], limit: 10 });
    expect(listed.map(({ payloadKey }) => payloadKey)).toEqual([abandoned.payloadKey]);
    expect(await unresolvedSettlements(database, { networks: [], limit: 10 })).toEqual([]);
  });

  it("lets one into a wallet's lane at a time, and shows it every nonce that is taken", async () => {
    const wallet = randomUUID();
    const take = () =>
      database.transaction(async (transaction) => {
        const { from, taken } = await lockLane(transaction, { network: NETWORK, wallet, from: async () => 3 });
        let nonce = from;
        while (taken.has(nonce)) nonce += 1;
        const key = newKey();
        const by = randomUUID();
        await claimSettlement(transaction, { ...key, claim: by, seconds: 60, terms });
        await recordTransaction(transaction, { claim: by, signed: { ...signed(nonce), wallet } });
        return nonce;
      });
    const nonces = await Promise.all([take(), take(), take(), take()]);
    expect(nonces.sort()).toEqual([3, 4, 5, 6]);
  });
});
