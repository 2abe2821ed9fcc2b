import { afterAll, beforeAll, describe, it } from "vitest";
import { evmMissing } from "../support/evm.ts";
import { expectBooksEqualChain, expectNothingImpossible } from "./invariants.ts";
import { beginLife, type Life, liveOn, settle } from "./life.ts";
import { type LifeWorld, startLifeWorld } from "./life-world.ts";
import { openRandom } from "./random.ts";

/** `LIVES=10000` plays as many; what is played by default fits into every test run. Another `LIVES_SEED` plays others. */
const LIVES = Number(process.env.LIVES ?? "160");
const FIRST_SEED = Number(process.env.LIVES_SEED ?? "1");
const AT_ONCE = 40;
const STEPS = 14;
const FINALITY_BLOCKS = 140;

let world: LifeWorld;
beforeAll(async () => {
  if (evmMissing === undefined) world = await startLifeWorld();
}, 120_000);
afterAll(() => world?.stop());

const seeds = Array.from({ length: Math.ceil(LIVES / AT_ONCE) }, (_, batch) => FIRST_SEED + batch * AT_ONCE);
const lives: Life[] = [];

describe.skipIf(evmMissing !== undefined)(
  `random lives${evmMissing === undefined ? "" : ` (skipped: ${evmMissing})`}`,
  () => {
    it.each(seeds)(
      "keeps every invariant through 40 short histories from seed %i: deaths, reorgs, repetitions, odd deposits",
      async (seed) => {
        const batch = await Promise.all(Array.from({ length: AT_ONCE }, (_, index) => beginLife(world, seed + index)));
        lives.push(...batch);
        const weather = openRandom(seed);
        for (let step = 0; step < STEPS; step += 1) {
          await Promise.all(batch.map((life) => liveOn(world, life)));
          world.bomb.queriesLeft = Number.POSITIVE_INFINITY;
          if (weather.chance(0.3)) await world.reorganise(1 + weather.below(6));
          await world.evm.mine(1 + weather.below(3));
          await Promise.all([world.scan(), world.scan()]);
          await expectNothingImpossible(world);
        }
        await world.evm.mine(FINALITY_BLOCKS);
        await world.scan();
        await Promise.all(batch.map((life) => settle(world, life)));
        await world.evm.mine(FINALITY_BLOCKS);
        await world.scan();
        await expectNothingImpossible(world);
        await expectBooksEqualChain(world, lives);
      },
      180_000,
    );
  },
);
