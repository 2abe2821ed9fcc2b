import {
  cancel,
  charge,
  chooseLevels,
  finalize,
  look,
  pay,
  payInFull,
  payOddly,
  payOther,
  repeatCharges,
} from "./customer-steps.ts";
import { attempt, type Life, type Step } from "./life.ts";
import type { LifeWorld } from "./life-world.ts";
import { repair, repairAgain } from "./operator-steps.ts";
import { advance, passTime, sendRefunds, sweep } from "./worker-steps.ts";

type Named = readonly [name: string, step: Step];

/** How most lives begin, so that they reach what comes after a sale. */
const BEGINNING: readonly Named[] = [
  ["pay in full", payInFull],
  ["finalize", finalize],
  ["advance", advance],
  ["advance", advance],
];

const STEPS: readonly (readonly [weight: number, named: Named])[] = [
  [4, ["pay", pay]],
  [2, ["pay in the other token", payOther]],
  [1, ["pay oddly", payOddly]],
  [2, ["look", look]],
  [3, ["finalize", finalize]],
  [4, ["charge", charge]],
  [2, ["charge again", repeatCharges]],
  [6, ["advance", advance]],
  [1, ["an hour passes", passTime]],
  [8, ["sweep", sweep]],
  [4, ["send refunds", sendRefunds]],
  [1, ["cancel", cancel]],
  [1, ["choose levels", chooseLevels]],
  [2, ["repair", repair]],
  [1, ["repair again", repairAgain]],
];

/** Does one thing a customer, a metering server, a worker or an operator may do; every third time the process may die in it. */
export async function liveOn(world: LifeWorld, life: Life, place: number): Promise<void> {
  const begun = life.seed % 10 < 7 ? BEGINNING[place] : undefined;
  const [name, step] = begun ?? life.random.pick(STEPS);
  life.story.push(name);
  const isFrail = life.random.chance(0.3);
  if (isFrail) world.bomb.queriesLeft = life.random.below(12);
  await attempt(life, () => step(world, life, isFrail ? world.frail : world.database));
}
