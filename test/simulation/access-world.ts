import { Contract, JsonRpcProvider, Wallet } from "ethers";
import knex, { type Knex } from "knex";
import { z } from "zod";
import usdcArtifact from "../../sandbox/contracts/test-usdc.json" with { type: "json" };
import { DomainError } from "../../src/errors.ts";
import type { FacilitatorCall, SettleOutcome } from "../../src/integrations/x402/facilitator.ts";
import type { PaymentNeeds } from "../../src/products/access/payments/payment-needs.ts";
import { startPaymentWorld } from "../products/access/payments/payment-world.ts";
import { startTestEvm } from "../support/evm.ts";
import { openEvmPayer } from "../support/signed-transfers.ts";
import { openRandom, type Random } from "./random.ts";

/** Thrown in place of a query's answer: the process "died" after the database had done its part. */
export class Died extends Error {}

/** What a facilitator does with a payment and says of it. */
export type Mood =
  | "honest"
  | "not_sent"
  | "fails"
  | "silent"
  | "lands_silently"
  | "dies"
  | "denies"
  | "late"
  | "foreign";

/** One asset's short history. */
export type AccessLife = {
  readonly seed: number;
  readonly random: Random;
  readonly assetId: string;
  readonly merchantId: string;
  readonly wallet: string;
  readonly story: string[];
  /** Payments that were shown and may be shown again. */
  readonly shown: Record<string, string>[];
  /** Session tokens that were given out. */
  readonly tokens: string[];
};

export type AccessWorld = Awaited<ReturnType<typeof startAccessWorld>>;

const Payload = z.object({
  payload: z.object({ signature: z.string(), authorization: z.record(z.string(), z.string()) }),
});
const TRANSFER = "transferWithAuthorization(address,address,uint256,uint256,uint256,bytes32,bytes)";
const START_UNITS = 10n ** 12n;

/** A real chain, a real database that may die at any answer, and a facilitator of many moods. */
export async function startAccessWorld(payers: number) {
  const evm = await startTestEvm();
  const world = await startPaymentWorld(evm);
  const provider = new JsonRpcProvider(evm.rpc, evm.chainId, {
    staticNetwork: true,
    batchMaxCount: 1,
    cacheTimeout: -1,
  });
  const carrier = Wallet.createRandom(provider);
  await evm.fund(carrier.address, 10n ** 20n);
  const usdc = new Contract(evm.usdc, usdcArtifact.abi, carrier);
  const treasury = Wallet.createRandom().address;
  const bomb = { queriesLeft: Number.POSITIVE_INFINITY };
  const frail = openFrail(String(world.app.database.client.config.connection.connectionString), bomb);
  const mood = { of: (_payTo: string): Mood => "honest" };
  const late: FacilitatorCall[] = [];
  const lock = openLock();
  let last: string | null = null;
  /** Sent without asking first whether it would succeed, as a facilitator that does not see its own broadcast does. */
  const broadcast = (call: FacilitatorCall) =>
    lock(async () => {
      const { signature, authorization: a } = Payload.parse(call.paymentPayload).payload;
      const values = [a.from, a.to, a.value, a.validAfter, a.validBefore, a.nonce, signature];
      const sent = await usdc.getFunction(TRANSFER).send(...values, { gasLimit: 300_000n });
      const receipt = await provider.waitForTransaction(sent.hash);
      if (receipt?.status !== 1) return null;
      last = String(sent.hash);
      return last;
    });
  const landing = async (call: FacilitatorCall, said: SettleOutcome | null): Promise<SettleOutcome> => {
    const transaction = await broadcast(call);
    if (transaction === null) return SILENT;
    return said ?? { kind: "settled", transaction, payer: null, raw: { success: true } };
  };
  const settling: Readonly<Record<Mood, (call: FacilitatorCall) => Promise<SettleOutcome>>> = {
    honest: (call) => landing(call, null),
    not_sent: async () => ({ kind: "not_sent", detail: "no", retryAfterSeconds: 1, raw: null }),
    fails: async () => FAILED,
    silent: async () => SILENT,
    lands_silently: (call) => landing(call, SILENT),
    dies: async (call) => {
      await landing(call, null);
      throw new Died("the connection broke");
    },
    denies: (call) => landing(call, FAILED),
    late: async (call) => {
      late.push(call);
      return FAILED;
    },
    foreign: async (call) =>
      last === null ? landing(call, null) : { kind: "settled", transaction: last, payer: null, raw: null },
  };
  const settle = (call: FacilitatorCall) => settling[mood.of(String(call.paymentRequirements.payTo))](call);
  world.behaviour.settle = settle;
  const wallets: Awaited<ReturnType<typeof openEvmPayer>>[] = [];
  for (let index = 0; index < payers; index += 1) wallets.push(await openEvmPayer(evm));
  const balanceOf = async (address: string) => BigInt(String(await usdc.getFunction("balanceOf")(address)));
  const needs: PaymentNeeds = { ...world.needs, settlementWalletOf: () => treasury };
  return {
    ...{ evm, app: world.app, needs, bomb, mood, late, broadcast, lock, treasury, payers: wallets },
    frail: { ...needs, database: frail },
    gainedOf: balanceOf,
    lostOf: async (payer: string) => START_UNITS - (await balanceOf(payer)),
    beginLife: async (seed: number): Promise<AccessLife> => {
      const random = openRandom(seed);
      const sold = await world.sellAsset({ price: String(random.below(3_000) * 1_000 + 7_000) });
      const terms = {
        settlement_mode: random.chance(0.25) ? "custodial" : "direct",
        refunds_unused: random.chance(0.6),
        fee_basis_points: random.below(1_000),
      };
      await world.app.owner("merchants").where("id", sold.merchantId).update(terms);
      return { seed, random, ...sold, story: [], shown: [], tokens: [] };
    },
    /** Hours pass on the chain: whatever was signed can land no more. */
    passHours: () => provider.send("anvil_mine", ["0x14", "0x258"]),
    close: async () => {
      for (const payer of wallets) payer.close();
      provider.destroy();
      await frail.destroy();
      await world.close();
      await evm.stop();
    },
  };
}

/** Runs a step as a process does that may die in it, and notes how it ended. */
export async function attemptAccess(life: AccessLife, run: () => Promise<unknown>): Promise<void> {
  try {
    await run();
  } catch (error) {
    if (error instanceof Died) life.story.push("  died in it");
    else if (error instanceof DomainError) life.story.push(`  ${error.code}`);
    else throw error;
  }
}

const FAILED: SettleOutcome = {
  kind: "failed",
  code: "payload_invalid",
  reason: "x",
  detail: "It says no.",
  raw: null,
};
const SILENT: SettleOutcome = { kind: "unknown", transaction: null, detail: "no answer", raw: null };

function openFrail(connectionString: string, bomb: { queriesLeft: number }): Knex {
  return knex({
    client: "pg",
    connection: { connectionString, application_name: "frail" },
    pool: { min: 0, max: 8 },
    postProcessResponse: (answer: unknown) => {
      bomb.queriesLeft -= 1;
      if (bomb.queriesLeft >= 0) return answer;
      bomb.queriesLeft = Number.POSITIVE_INFINITY;
      throw new Died("the process died here");
    },
  });
}

/** One at a time: two transactions of one account that meet get one nonce. */
function openLock() {
  let last: Promise<unknown> = Promise.resolve();
  return <Value>(run: () => Promise<Value>): Promise<Value> => {
    const mine = last.then(run, run);
    last = mine.catch(() => undefined);
    return mine;
  };
}
