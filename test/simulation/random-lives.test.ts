import { afterAll, describe, expect, it } from "vitest";
import { reconcileChains } from "../../src/integrations/chains/reconciliation/reconcile-chains.ts";
import { evmMissing } from "../support/evm.ts";
import { repeatCharges } from "./customer-steps.ts";
import { addDeeds, countDeeds, isExpected } from "./deeds.ts";
import { expectBooksEqualChain, expectNothingImpossible } from "./invariants.ts";
import { attempt, beginLife, type Life } from "./life.ts";
import { type LifeWorld, startLifeWorld } from "./life-world.ts";
import { expectNoSecrets } from "./no-secrets.ts";
import { openRandom } from "./random.ts";
import { liveOn } from "./steps.ts";
import { calm, changeWeather } from "./weather.ts";
import { workThrough } from "./worker-steps.ts";

/** `LIVES=10000` plays as many; what is played by default fits into every test run. Another `LIVES_SEED` plays others. */
const LIVES = Number(process.env.LIVES ?? "160");
const FIRST_SEED = Number(process.env.LIVES_SEED ?? "1");
const AT_ONCE = 40;
const STEPS = 16;
/** A world of its own for so many lives: what is compared at rest grows with all that were. */
const LIVES_A_WORLD = 400;
const MOST_ROUNDS = 16;

let world: LifeWorld | undefined;
let lives: Life[] = [];
const deeds: Record<string, number> = {};
afterAll(() => world?.stop());

async function openWorld(): Promise<LifeWorld> {
  if (world !== undefined && lives.length < LIVES_A_WORLD) return world;
  await world?.stop();
  lives = [];
  world = await startLifeWorld();
  return world;
}

const seeds = Array.from({ length: Math.ceil(LIVES / AT_ONCE) }, (_, batch) => FIRST_SEED + batch * AT_ONCE);

describe.skipIf(evmMissing !== undefined)(
  `random lives${evmMissing === undefined ? "" : ` (skipped: ${evmMissing})`}`,
  () => {
    it.each(seeds)(
      "keeps every invariant through 40 short histories from seed %i: deaths, reorgs, repairs, refunds, odd deposits",
      async (seed) => {
        const here = await openWorld();
        const batch: Life[] = [];
        const begun = Array.from({ length: AT_ONCE }, (_, index) => beginLife(here, seed + index, batch));
        batch.push(...(await Promise.all(begun)));
        lives.push(...batch);
        const weather = openRandom(seed);
        for (let step = 0; step < STEPS; step += 1) {
          await Promise.all(batch.map((life) => liveOn(here, life, step)));
          here.bomb.queriesLeft = Number.POSITIVE_INFINITY;
          await here.evm.mine(1);
          await scanOrFail(here);
          await changeWeather(here, weather);
          await Promise.all([here, here].map(scanOrFail));
          await expectNothingImpossible(here, batch);
        }
        await comeToRest(here, batch);
        await expectNothingImpossible(here, batch);
        await expectBooksEqualChain(here, lives);
        await expectReconciled(here);
        await expectNoSecrets(here);
        addDeeds(deeds, await countDeeds(here, batch));
      },
      600_000,
    );

    it.skipIf(LIVES < 160)(
      "was no idle life: in all of them together everything that can happen to money happened",
      () => {
        console.log(`What ${seeds.length * AT_ONCE} lives came to: ${JSON.stringify(deeds)}`);
        for (const [deed, count] of Object.entries(deeds).filter(([name]) => isExpected(name)))
          expect(count, deed).toBeGreaterThan(0);
      },
    );
  },
);

/** A pass that fails because the node does is what the next pass is for. */
async function scanOrFail(here: LifeWorld): Promise<void> {
  await here.scan().catch((error: unknown) => {
    if (here.sky.failing === 0) throw error;
  });
}

/** Fair weather, and workers that go on until nothing is left to do. */
async function comeToRest(here: LifeWorld, batch: readonly Life[]): Promise<void> {
  await calm(here);
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    await here.evm.mine(here.network.finalityBlocks);
    await here.scan();
    await Promise.all(batch.map((life) => attempt(life, () => repeatCharges(here, life, here.database))));
    const open = await Promise.all(batch.map((life) => workThrough(here, life)));
    if (round > 2 && open.every((left) => left === 0)) break;
  }
  await here.evm.mine(here.network.finalityBlocks);
  await here.scan();
}

/** The operators' own comparison finds the same. */
async function expectReconciled(here: LifeWorld): Promise<void> {
  const treasury = { ledger: here.ledger, wallets: [here.signer.vendorWallet] };
  const found = await reconcileChains(
    { database: here.database, chains: [here.chain], treasuryOf: () => treasury },
    { pauseMilliseconds: 1 },
  );
  expect(found.sound, found.summary).toBe(true);
}
