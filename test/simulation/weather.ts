import { z } from "zod";
import type { LifeWorld } from "./life-world.ts";
import type { Random } from "./random.ts";

const ONE_COIN = 10n ** 18n;
const CALM_FEE = "0x3b9aca00";

const Block = z.object({ transactions: z.array(z.string()) });

/** What happens to all lives at once: blocks are replaced or added, fees rise, the gas tank runs dry, the node fails. */
export async function changeWeather(world: LifeWorld, random: Random): Promise<void> {
  await calm(world);
  if (random.chance(0.35)) {
    const isDeep = random.chance(0.3);
    const most = world.network.finalityBlocks - 1;
    await reorganise(world, { depth: 1 + random.below(isDeep ? most : 4), isRevived: random.chance(0.6) });
  }
  await world.evm.mine(random.chance(0.3) ? world.network.finalityBlocks : 1 + random.below(3));
  await random.pick<() => Promise<void>>([
    [6, async () => undefined],
    [1, () => makeFeesRise(world)],
    [1, () => world.evm.fund(world.signer.vendorWallet, 0n)],
    [1, async () => makeNodeFail(world)],
  ])();
}

/** Fair weather again: the tank is full, fees are low, the node answers. */
export async function calm(world: LifeWorld): Promise<void> {
  world.sky.failing = 0;
  await world.evm.fund(world.signer.vendorWallet, ONE_COIN);
  await world.provider.send("anvil_setNextBlockBaseFeePerGas", [CALM_FEE]);
}

function makeNodeFail(world: LifeWorld): void {
  world.sky.failing = 0.05;
}

async function makeFeesRise(world: LifeWorld): Promise<void> {
  await world.provider.send("anvil_setNextBlockBaseFeePerGas", ["0x1bf08eb000"]);
  await world.evm.mine(1);
}

/**
 * Throws away the newest blocks and makes as many empty ones. What was in them is gone for good, or `isRevived`: it comes into later
 * blocks, as transactions that a node kept do.
 */
async function reorganise(
  world: LifeWorld,
  input: { readonly depth: number; readonly isRevived: boolean },
): Promise<void> {
  await world.lock(async () => {
    await untilPoolIsEmpty(world);
    const kept = input.isRevived ? await readRaw(world, input.depth) : [];
    await world.provider.send("anvil_reorg", [input.depth, []]);
    for (const raw of kept) await world.provider.send("eth_sendRawTransaction", [raw]).catch(() => undefined);
    await untilPoolIsEmpty(world);
  });
}

async function readRaw(world: LifeWorld, depth: number): Promise<readonly string[]> {
  const head = await world.provider.getBlockNumber();
  const raws: string[] = [];
  for (let number = Math.max(1, head - depth + 1); number <= head; number += 1) {
    const block = Block.parse(await world.provider.send("eth_getBlockByNumber", [`0x${number.toString(16)}`, false]));
    for (const hash of block.transactions)
      raws.push(z.string().parse(await world.provider.send("eth_getRawTransactionByHash", [hash])));
  }
  return raws;
}

/** The node answers before it has mined; a reorg that meets it mining leaves a log without its tokens. */
async function untilPoolIsEmpty(world: LifeWorld): Promise<void> {
  for (let tries = 0; tries < 60; tries += 1) {
    const { pending } = z.object({ pending: z.string() }).parse(await world.provider.send("txpool_status", []));
    if (BigInt(pending) === 0n) break;
    await world.provider.send("evm_mine", []);
  }
  await world.provider.send("evm_mine", []);
}
