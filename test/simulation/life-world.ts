import { randomBytes } from "node:crypto";
import { ContractFactory, Interface } from "ethers";
import knex, { type Knex } from "knex";
import { chainActivities } from "../../activities/chains.ts";
import { refundActivities } from "../../activities/refunds.ts";
import usdtArtifact from "../../sandbox/contracts/test-usdt.json" with { type: "json" };
import { mintTokens } from "../../sandbox/parts/evm-tokens.ts";
import type { Chain } from "../../src/integrations/chains/chain.ts";
import { scanDeposits } from "../../src/integrations/chains/deposits/deposits.ts";
import { RpcUnavailable } from "../../src/integrations/chains/errors.ts";
import { openEvmChain } from "../../src/integrations/chains/evm/chain.ts";
import type { ChainRegistry } from "../../src/integrations/chains/registry.ts";
import { requestSweeps } from "../../src/integrations/chains/sweeps/sweep-request-store.ts";
import { parseMasterKey } from "../../src/platform/secrets.ts";
import type { LifecycleNeeds } from "../../src/products/purchases/advance-purchase.ts";
import { openCashier } from "../../src/products/purchases/cashier.ts";
import type { CheckoutNeeds } from "../../src/products/purchases/checkout.ts";
import { applyOffers } from "../../src/products/purchases/offer-store.ts";
import { readOfferFile } from "../../src/products/purchases/offers.ts";
import { openRemainderRefunds } from "../../src/products/purchases/remainder-refunds.ts";
import { openMoneyMoves } from "../../src/products/purchases/repairs/open-money-moves.ts";
import type { RepairNeeds } from "../../src/products/purchases/repairs/perform-repair.ts";
import { type ChainWorld, startChainWorld, tokenOwner } from "../integrations/chains/chain-world.ts";

const TOKEN = new Interface(["function transfer(address to, uint256 value)"]);

/** How long grace lasts in a simulated life; a life's own clock moves past it. */
export const GRACE_SECONDS = 3_600;

/** An offer that may be paid with either token, and that suspends at critical; the built-in one takes USDC alone. */
export const EITHER_TOKEN = "either-token";

/** Thrown in place of a query's answer: the process "died" after the database had done its part. */
export class Crash extends Error {}

/** A chain that reorganises, a database and everything a purchase stands on, for many lives at once. */
export type LifeWorld = Awaited<ReturnType<typeof startLifeWorld>>;

/** Starts it: real anvil, real Postgres, the domain functions as API and worker call them. */
export async function startLifeWorld() {
  const world = await startSweepingWorld();
  const [stranger] = await Promise.all([deployStranger(world), applyOwnOffers(world)]);
  await world.provider.send("evm_setAutomine", [false]);
  const bomb = { queriesLeft: Number.POSITIVE_INFINITY };
  const sky = { failing: 0 };
  const frail = openFrailDatabase(String(world.database.client.config.connection.connectionString), bomb);
  const masterKey = parseMasterKey(randomBytes(32).toString("hex"));
  const chain = openFailingChain(world.chain, sky);
  const chains = oneChain(chain);
  const onChains = { ledger: world.ledger, chains };
  const needsOn = (database: Knex, clock: LifecycleNeeds["clock"]): CheckoutNeeds & LifecycleNeeds & RepairNeeds => ({
    database,
    clock,
    masterKey,
    checkoutTtlSeconds: GRACE_SECONDS,
    graceSeconds: GRACE_SECONDS,
    requestSweeps,
    refundRemainder: openRemainderRefunds(onChains),
    money: openMoneyMoves(onChains),
    cashier: openCashier({ ...world, database, chains }),
  });
  const activitiesOn = (database: Knex) => {
    const needs = { ...world, database, chains, pollMilliseconds: 1, draining: new AbortController().signal };
    return { ...chainActivities(needs), ...refundActivities(needs) };
  };
  const lock = openLock();
  const sendFromFaucet = (call: Readonly<Record<string, string>>) =>
    lock(async () => {
      await world.provider.send("eth_sendTransaction", [{ from: world.evm.faucetAddress, gas: "0x30d40", ...call }]);
    });
  return {
    ...world,
    bomb,
    sky,
    lock,
    frail,
    stranger,
    needsOn,
    activitiesOn,
    /** Sends tokens from the chain's richest account. */
    send: (input: { readonly token: string; readonly to: string; readonly units: bigint }) =>
      sendFromFaucet({ to: input.token, data: TOKEN.encodeFunctionData("transfer", [input.to, input.units]) }),
    sendCoin: (to: string, units: bigint) => sendFromFaucet({ to, value: `0x${units.toString(16)}` }),
    scan: () => scanDeposits({ ...world, chain, wallets: [world.signer.vendorWallet] }),
    stop: async () => {
      await frail.destroy();
      world.provider.destroy();
      await world.stop();
    },
  };
}

/** Final after twelve blocks, and sweeps of USDC go together when several wait. */
async function startSweepingWorld() {
  const world = await startChainWorld();
  const tokens = world.network.tokens.map((token) =>
    token.symbol === "USDC" ? { ...token, batchMost: 4, batchWindowSeconds: 0.2 } : token,
  );
  const network = { ...world.network, finalityBlocks: 12, stuckAfterSeconds: 2, tokens };
  return { ...world, network, chain: openEvmChain({ network, rpcUrl: world.evm.rpc }) };
}

async function applyOwnOffers(world: ChainWorld): Promise<void> {
  const offers = readOfferFile();
  const [first] = offers;
  if (first === undefined) throw new Error("nothing is sold");
  const { terms } = first;
  const either = {
    ...{ ...first, id: EITHER_TOKEN, sku: EITHER_TOKEN, checkout_flow_id: EITHER_TOKEN },
    terms: { ...terms, tokens: [...terms.tokens, "USDT" as const], suspend_at: "critical" as const },
  };
  await applyOffers(world.database, [...offers, either]);
}

/** A token that no network lists. */
async function deployStranger(world: ChainWorld): Promise<string> {
  const deployer = tokenOwner(world);
  const factory = new ContractFactory(usdtArtifact.abi, usdtArtifact.bytecode, deployer);
  const address = await (await (await factory.deploy()).waitForDeployment()).getAddress();
  await mintTokens({ deployer, address }, { to: world.evm.faucetAddress, amount: 10n ** 15n });
  return address;
}

function oneChain(chain: Chain): ChainRegistry {
  return {
    chains: [chain],
    find: () => chain,
    findToken: () => {
      throw new Error("lives name no tokens");
    },
  };
}

/** A node that fails now and then: before it does what it is asked, or after, and then only its answer is lost. */
function openFailingChain(chain: Chain, sky: { readonly failing: number }): Chain {
  return new Proxy(chain, {
    get: (target, name, receiver) => {
      const member: unknown = Reflect.get(target, name, receiver);
      if (typeof member !== "function") return member;
      return async (...given: readonly unknown[]) => {
        if (Math.random() < sky.failing) throw new RpcUnavailable(chain.network.id, "it did not hear");
        const answer: unknown = await Reflect.apply(member, target, given);
        if (Math.random() < sky.failing) throw new RpcUnavailable(chain.network.id, "its answer was lost");
        return answer;
      };
    },
  });
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

/** One at a time: two transactions of one account that meet get one nonce. */
function openLock() {
  let last: Promise<unknown> = Promise.resolve();
  return <Value>(run: () => Promise<Value>): Promise<Value> => {
    const mine = last.then(run, run);
    last = mine.catch(() => undefined);
    return mine;
  };
}
