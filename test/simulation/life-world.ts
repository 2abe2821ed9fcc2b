import { randomBytes } from "node:crypto";
import { Interface } from "ethers";
import knex, { type Knex } from "knex";
import { z } from "zod";
import { chainActivities } from "../../activities/chains.ts";
import { scanDeposits } from "../../src/integrations/chains/deposits.ts";
import { requestSweeps } from "../../src/integrations/chains/sweep-request-store.ts";
import { parseMasterKey } from "../../src/platform/secrets.ts";
import type { LifecycleNeeds } from "../../src/products/purchases/advance-purchase.ts";
import { openCashier } from "../../src/products/purchases/cashier.ts";
import type { CheckoutNeeds } from "../../src/products/purchases/checkout.ts";
import { applyOffers } from "../../src/products/purchases/offer-store.ts";
import { readOfferFile } from "../../src/products/purchases/offers.ts";
import { type ChainWorld, startChainWorld } from "../integrations/chains/chain-world.ts";

const TOKEN = new Interface([
  "function transfer(address to, uint256 value)",
  "event Transfer(address indexed from, address indexed to, uint256 value)",
]);

/** How long grace lasts in a simulated life; a life's own clock moves past it. */
export const GRACE_SECONDS = 3_600;

/** Thrown in place of a query's answer: the process "died" after the database had done its part. */
export class Crash extends Error {}

/** A transfer as the chain itself tells it now, by none of our code. */
export type ChainTransfer = { readonly token: string; readonly to: string; readonly units: bigint };

/** A chain that reorganises, a database and everything a purchase stands on, for many lives at once. */
export type LifeWorld = Awaited<ReturnType<typeof startLifeWorld>>;

/** Starts it: real anvil, real Postgres, the domain functions as API and worker call them. */
export async function startLifeWorld() {
  const world = await startChainWorld();
  await applyOffers(world.database, readOfferFile());
  const bomb = { queriesLeft: Number.POSITIVE_INFINITY };
  const frail = openFrailDatabase(String(world.database.client.config.connection.connectionString), bomb);
  const masterKey = parseMasterKey(randomBytes(32).toString("hex"));
  const chains = {
    chains: [world.chain],
    find: () => world.chain,
    findToken: () => {
      throw new Error("lives name no tokens");
    },
  };
  const needsOn = (database: Knex, clock: LifecycleNeeds["clock"]): CheckoutNeeds & LifecycleNeeds => ({
    database,
    clock,
    masterKey,
    checkoutTtlSeconds: GRACE_SECONDS,
    graceSeconds: GRACE_SECONDS,
    requestSweeps,
    cashier: openCashier({ ...world, database, chains }),
  });
  const sweepsOn = (database: Knex) =>
    chainActivities({ ...world, database, chains, pollMilliseconds: 1, draining: new AbortController().signal });
  const lock = openLock();
  return {
    ...world,
    bomb,
    frail,
    needsOn,
    sweepsOn,
    /** Sends tokens from one of the chain's own accounts; answers the transaction's hash. */
    send: (input: { readonly token: string; readonly to: string; readonly units: bigint }) =>
      lock(() => sendTokens(world, input)),
    /** Throws away the newest blocks with what is in them and makes as many empty ones. */
    reorganise: (depth: number) =>
      lock(async () => {
        await untilPoolIsEmpty(world);
        await world.provider.send("anvil_reorg", [depth, []]);
      }),
    scan: () => scanDeposits(world),
    readTransfers: () => readTransfers(world),
    stop: async () => {
      await frail.destroy();
      world.provider.destroy();
      await world.stop();
    },
  };
}

/** A pool whose connection dies, as far as its user can tell, when the bomb's count of answers is used up. */
function openFrailDatabase(connectionString: string, bomb: { queriesLeft: number }): Knex {
  return knex({
    client: "pg",
    connection: { connectionString, application_name: "frail" },
    pool: { min: 0, max: 8 },
    postProcessResponse: (answer: unknown) => {
      bomb.queriesLeft -= 1;
      if (bomb.queriesLeft < 0) {
        bomb.queriesLeft = Number.POSITIVE_INFINITY;
        throw new Crash("the process died here");
      }
      return answer;
    },
  });
}

async function sendTokens(
  world: ChainWorld,
  input: { readonly token: string; readonly to: string; readonly units: bigint },
): Promise<string> {
  const data = TOKEN.encodeFunctionData("transfer", [input.to, input.units]);
  const sent: unknown = await world.provider.send("eth_sendTransaction", [
    { from: world.evm.faucetAddress, to: input.token, data, gas: "0x30d40" },
  ]);
  return String(sent);
}

/** The node answers before it has mined; a reorg that meets it mining leaves a log without its tokens. */
async function untilPoolIsEmpty(world: ChainWorld): Promise<void> {
  for (;;) {
    const { pending } = z.object({ pending: z.string() }).parse(await world.provider.send("txpool_status", []));
    if (BigInt(pending) === 0n) break;
    await world.provider.send("evm_mine", []);
  }
  await world.provider.send("evm_mine", []);
}

/** Every transfer on the canonical chain, read past our own code. */
async function readTransfers(world: ChainWorld): Promise<readonly ChainTransfer[]> {
  const topic = TOKEN.getEvent("Transfer")?.topicHash ?? null;
  const logs = await world.provider.getLogs({ fromBlock: 0, toBlock: "latest", topics: [topic] });
  return logs.map((log) => {
    const parsed = TOKEN.parseLog(log);
    if (parsed === null) throw new Error("a transfer that is none");
    return { token: log.address, to: String(parsed.args[1]), units: BigInt(parsed.args[2]) };
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
