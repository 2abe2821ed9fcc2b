import type { Knex } from "knex";
import { DomainError } from "../../src/errors.ts";
import { newId } from "../../src/platform/ids.ts";
import { initiateCheckout } from "../../src/products/purchases/checkout.ts";
import { type Checkout, findCheckout } from "../../src/products/purchases/checkout-store.ts";
import { Crash, EITHER_TOKEN, type LifeWorld } from "./life-world.ts";
import { openRandom, type Random } from "./random.ts";

/** One customer's short history: what was done, and what the test itself believes is owed. */
export type Life = {
  readonly seed: number;
  readonly random: Random;
  readonly checkout: Checkout;
  readonly clock: { offsetMs: number; now: () => number };
  /** What was done, to be shown when an invariant breaks. */
  readonly story: string[];
  /** Events the metering server got an answer for, with the amount in nanodollars. */
  readonly charged: Map<string, bigint>;
  /** Events it got no answer for: it asks again until it does, as it should. */
  readonly unanswered: Map<string, string>;
  /** Repairs that were asked for, as they were sent: each may be sent again. */
  readonly repairs: Readonly<Record<string, unknown>>[];
  /** Native coin and unlisted tokens that were sent, in base units. */
  readonly odd: { coin: bigint; stranger: bigint };
  /** Who lives at the same time; operators mistake one for another. */
  readonly neighbours: readonly Life[];
};

/** One thing that happens in a life, on a database that may die under it. */
export type Step = (world: LifeWorld, life: Life, database: Knex) => Promise<void>;

/** Opens a life: a checkout with its own deposit address, for an offer that takes one token or either. */
export async function beginLife(world: LifeWorld, seed: number, neighbours: readonly Life[]): Promise<Life> {
  const clock = { offsetMs: 0, now: () => Date.now() + clock.offsetMs };
  const random = openRandom(seed);
  const nobody = { email: null, orgId: null, userId: null, host: null, orgApiKey: null };
  const isEither = random.chance(0.5);
  const { checkout: opened } = await initiateCheckout(world.needsOn(world.database, clock), {
    offer: { id: isEither ? EITHER_TOKEN : "aws-s3-storage" },
    chain: null,
    token: isEither && random.chance(0.5) ? "USDT" : "USDC",
    tracer: newId("trc"),
    ...nobody,
  });
  const checkout = await findCheckout(world.database, { id: opened.id });
  if (checkout === null) throw new Error("the checkout was not stored");
  const told = { story: [], charged: new Map(), unanswered: new Map(), repairs: [], odd: { coin: 0n, stranger: 0n } };
  return { seed, random, checkout, clock, neighbours, ...told };
}

/** Runs a step as a process does that may die in it, and notes how it ended. */
export async function attempt(life: Life, run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    if (error instanceof Crash) life.story.push("  died in it");
    else if (error instanceof DomainError) life.story.push(`  ${error.code}`);
    else throw error;
  }
}

/** A life in words, for whoever reads why an invariant broke. */
export function tell(life: Life): string {
  return `life ${life.seed} at ${life.checkout.depositAddress}: ${life.story.join(" | ")}`;
}
