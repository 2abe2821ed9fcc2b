import { randomBytes } from "node:crypto";
import type { Knex } from "knex";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { EvmPart } from "../../../../sandbox/parts/evm.ts";
import type { Facilitator, FacilitatorCall, SettleOutcome } from "../../../../src/integrations/x402/facilitator.ts";
import { openHttpFacilitator } from "../../../../src/integrations/x402/http-facilitator.ts";
import type { EvmSpending } from "../../../../src/integrations/x402/own-facilitator/dearer-fees.ts";
import { openDatabase } from "../../../../src/platform/database/pool.ts";
import { startCuttableNode } from "../../../support/cuttable-node.ts";
import { createTestDatabase, type TestDatabase } from "../../../support/database.ts";
import { evmMissing, startTestEvm } from "../../../support/evm.ts";
import { startTestFacilitator } from "../../../support/facilitator.ts";
import { openEvmPayments, type TestPayments } from "../../../support/x402-payers.ts";

const GWEI = 10n ** 9n;
const CHEAP = 1n * GWEI;
const DEAR = 50n * GWEI;
const PATIENT = { timeout: 20_000 };

describe.skipIf(evmMissing)("fees rise after a settlement was sent", () => {
  let test: TestDatabase;
  let database: Knex;
  let evm: EvmPart;
  let payments: TestPayments;
  let seed: Buffer;

  beforeAll(async () => {
    [test, evm] = await Promise.all([createTestDatabase(), startTestEvm()]);
    database = openDatabase(test.applicationUrl, { maxConnections: 2, name: "rising-fees" });
    payments = await openEvmPayments(evm);
  });
  afterAll(async () => {
    await evm.stop();
    await database.destroy();
    await test.drop();
  });
  /** Each test has a wallet of its own on a chain that is cheap and mines nothing by itself. */
  beforeEach(async () => {
    seed = randomBytes(32);
    await rpc("evm_setAutomine", false);
    await rpc("anvil_dropAllTransactions");
    await mineAt(CHEAP);
    await rpc("anvil_setNextBlockBaseFeePerGas", hex(CHEAP));
  });

  const rpc = async (method: string, ...params: readonly unknown[]) => {
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
    const answer = await fetch(evm.rpc, { method: "POST", headers: { "content-type": "application/json" }, body });
    return JSON.parse(await answer.text()).result;
  };
  const hex = (amount: bigint) => `0x${amount.toString(16)}`;
  const mineAt = async (baseFee: bigint) => {
    await rpc("anvil_setNextBlockBaseFeePerGas", hex(baseFee));
    await evm.mine(1);
  };
  const start = async (over: { readonly spending?: Partial<EvmSpending>; readonly rpcUrl?: string } = {}) => {
    const own = await startTestFacilitator({
      databaseUrl: test.applicationUrl,
      networks: [{ ...payments, rpcUrl: over.rpcUrl ?? evm.rpc }],
      seed,
      confirmMs: 300,
      spending: { mostFeeUnits: 10n ** 17n, stuckAfterSeconds: 180, ...over.spending },
      fund: ({ evm: wallet }) => payments.fund(wallet),
    });
    return { ...own, client: openHttpFacilitator({}, { name: "own", url: own.url }) };
  };
  /** Every version of the newest settlement, oldest first. */
  const versions = async (): Promise<readonly string[]> => {
    const { rows } = await database.raw<{ rows: { versions: readonly string[] }[] }>(
      `SELECT ARRAY(SELECT one ->> 'transaction' FROM jsonb_array_elements(replaced) one) || transaction AS versions
       FROM facilitator_settlements ORDER BY created_at DESC LIMIT 1`,
    );
    return rows[0]?.versions ?? [];
  };
  /** What the node would put into blocks, dear enough or not. */
  const waiting = async (): Promise<readonly string[]> => {
    const { pending } = await rpc("txpool_content");
    const lanes: readonly Readonly<Record<string, { readonly hash: string }>>[] = Object.values(pending);
    return lanes.flatMap((lane) => Object.values(lane).map(({ hash }) => hash));
  };
  const sendAtCheap = async (client: Facilitator) => {
    const call = await payments.sign({});
    const pending = await client.settle(call);
    expect(pending).toMatchObject({ kind: "unknown", transaction: expect.stringMatching(/^0x/) });
    return { call, transaction: transactionOf(pending) };
  };

  it("replaces it by the same call with the same nonce, names what was mined, and lets the next ones through", async () => {
    const own = await start();
    const before = await payments.received();
    const { call, transaction } = await sendAtCheap(own.client);
    await rpc("anvil_setNextBlockBaseFeePerGas", hex(DEAR));
    await expect.poll(versions, PATIENT).toHaveLength(2);
    const [first, dearer] = await versions();
    expect(first).toBe(transaction);
    await expect.poll(waiting, PATIENT).toEqual([dearer]);
    await mineAt(DEAR);
    expect(await settledIn(own.client, call)).toMatchObject({ kind: "settled", transaction: dearer });
    expect((await payments.received()) - before).toBe(100_000n);
    await rpc("evm_setAutomine", true);
    expect(await settledIn(own.client, await payments.sign({}))).toMatchObject({ kind: "settled" });
    await own.stop();
  });

  it("sends, after a crash between writing down and sending, what was written down", async () => {
    const node = await startCuttableNode(evm.rpc);
    const first = await start({ rpcUrl: node.url });
    const { call, transaction } = await sendAtCheap(first.client);
    node.cutSendings();
    await rpc("anvil_setNextBlockBaseFeePerGas", hex(DEAR));
    await expect.poll(versions, PATIENT).toHaveLength(2);
    await first.stop();
    await node.stop();
    expect(await waiting()).toEqual([transaction]);
    const [, dearer] = await versions();
    const second = await start();
    await expect.poll(waiting, PATIENT).toEqual([dearer]);
    await mineAt(DEAR);
    expect(await settledIn(second.client, call)).toMatchObject({ kind: "settled", transaction: dearer });
    await second.stop();
  });

  it("knows the first version too, when that one is mined after all", async () => {
    const node = await startCuttableNode(evm.rpc);
    const own = await start({ rpcUrl: node.url });
    const before = await payments.received();
    const { call, transaction } = await sendAtCheap(own.client);
    node.cutSendings();
    await rpc("anvil_setNextBlockBaseFeePerGas", hex(DEAR));
    await expect.poll(versions, PATIENT).toHaveLength(2);
    await mineAt(CHEAP);
    expect(await settledIn(own.client, call)).toMatchObject({ kind: "settled", transaction });
    expect((await payments.received()) - before).toBe(100_000n);
    await own.stop();
    await node.stop();
  });

  it("waits at the most that may be spent, and says of later payments at once that they were not sent", async () => {
    // Some 3 gwei for each unit of gas: enough at first, and never enough once fees are high.
    const own = await start({ spending: { mostFeeUnits: 200_000n * 3n * GWEI } });
    const { call } = await sendAtCheap(own.client);
    await rpc("anvil_setNextBlockBaseFeePerGas", hex(DEAR));
    const later = await payments.sign({});
    await expect.poll(() => own.client.verify(later), PATIENT).toMatchObject({ kind: "unavailable" });
    expect(await own.client.settle(later)).toMatchObject({
      kind: "not_sent",
      raw: { errorReason: "facilitator_fees_too_high", transaction: "" },
    });
    await mineAt(CHEAP);
    await rpc("anvil_setNextBlockBaseFeePerGas", hex(CHEAP));
    expect(await settledIn(own.client, call)).toMatchObject({ kind: "settled" });
    await rpc("evm_setAutomine", true);
    expect(await settledIn(own.client, later)).toMatchObject({ kind: "settled" });
    await own.stop();
  });

  it("keeps the lane behind one that is old and at its cap, while the price itself would allow more", async () => {
    const own = await start({ spending: { mostFeeUnits: 170_000n * 3n * GWEI, stuckAfterSeconds: 1 } });
    await sendAtCheap(own.client);
    const later = await payments.sign({});
    await expect.poll(() => own.client.verify(later), PATIENT).toMatchObject({ kind: "unavailable" });
    expect(await own.client.settle(later)).toMatchObject({
      kind: "not_sent",
      detail: expect.stringContaining("waits for lower fees"),
    });
    await own.stop();
  });
});

function transactionOf(outcome: SettleOutcome): string | null {
  return "transaction" in outcome ? outcome.transaction : null;
}

/** Asks until nobody else is at it. */
async function settledIn(client: Facilitator, call: FacilitatorCall) {
  let outcome = await client.settle(call);
  const until = performance.now() + PATIENT.timeout;
  while (outcome.kind !== "settled" && performance.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    outcome = await client.settle(call);
  }
  return outcome;
}
