import { randomUUID } from "node:crypto";
import type { Knex } from "knex";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  claimSettlement,
  findFirstInLane,
  findSettlement,
  lockLane,
  noteGone,
  recordDearer,
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

  it("keeps every version of an open settlement, and takes another only in place of the newest", async () => {
    const key = newKey();
    const by = randomUUID();
    await claim(key, by);
    const first = signed();
    await recordTransaction(database, { claim: by, signed: first });
    const versions = [1, 2].map((one) => ({ transaction: `0x${randomUUID()}`, raw: `0x02${one}` }));
    const [second = first, third = first] = versions;
    expect(await recordDearer(database, { replaces: first.transaction, version: second })).toBe(true);
    expect(await recordDearer(database, { replaces: first.transaction, version: third })).toBe(false);
    expect(await recordDearer(database, { replaces: second.transaction, version: third })).toBe(true);
    // What was sent in several versions is never taken back: the node may have any of them.
    await withdrawTransaction(database, third);
    expect(await findSettlement(database, key)).toMatchObject({
      ...third,
      replaced: [{ transaction: first.transaction, raw: first.raw }, second],
    });
    await recordOutcome(database, { ...key, outcome: { success: true, transaction: second.transaction } });
    expect(await recordDearer(database, { replaces: third.transaction, version: first })).toBe(false);
  });

  it("knows what stands first in a wallet's lane, and since when a settlement seems gone", async () => {
    const wallet = randomUUID();
    const keys = [newKey(), newKey()];
    for (const [index, key] of keys.entries()) {
      const by = randomUUID();
      await claim(key, by);
      await recordTransaction(database, { claim: by, signed: { ...signed(9 - index), wallet } });
    }
    const [last = newKey(), first = newKey()] = keys;
    const lane = { network: NETWORK, wallet };
    expect(await findFirstInLane(database, lane)).toMatchObject({ payloadKey: first.payloadKey, nonce: "8" });
    await recordOutcome(database, { ...first, outcome: { success: true } });
    expect(await findFirstInLane(database, lane)).toMatchObject({ payloadKey: last.payloadKey });
    expect(await findFirstInLane(database, { ...lane, network: "eip155:1" })).toBeNull();
    expect(await noteGone(database, last)).toBe(0);
    await database.raw("SELECT pg_sleep(0.01)");
    expect(await noteGone(database, last)).toBeGreaterThan(0);
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
