import type { Knex } from "knex";
import { DomainError } from "../../src/errors.ts";
import { newId } from "../../src/platform/ids.ts";
import { advancePurchase } from "../../src/products/purchases/advance-purchase.ts";
import { initiateCheckout, reviewCheckout, validateCheckout } from "../../src/products/purchases/checkout.ts";
import { type Checkout, findCheckout } from "../../src/products/purchases/checkout-store.ts";
import { finalizeCheckout } from "../../src/products/purchases/finalize.ts";
import { finishPhase } from "../../src/products/purchases/finish-phase.ts";
import { meterUsage } from "../../src/products/purchases/metering.ts";
import { findPurchase } from "../../src/products/purchases/purchase-store.ts";
import { Crash, GRACE_SECONDS, type LifeWorld } from "./life-world.ts";
import { openRandom, type Random } from "./random.ts";

const OFFER = "aws-s3-storage";

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
};

type Step = (world: LifeWorld, life: Life, database: Knex) => Promise<void>;

/** Opens a life: a checkout with its own deposit address. */
export async function beginLife(world: LifeWorld, seed: number): Promise<Life> {
  const clock = { offsetMs: 0, now: () => Date.now() + clock.offsetMs };
  const nobody = { email: null, orgId: null, userId: null, host: null, orgApiKey: null };
  const { checkout: opened } = await initiateCheckout(world.needsOn(world.database, clock), {
    offer: { id: OFFER },
    chain: null,
    token: "USDC",
    tracer: newId("trc"),
    ...nobody,
  });
  const checkout = await findCheckout(world.database, { id: opened.id });
  if (checkout === null) throw new Error("the checkout was not stored");
  const random = openRandom(seed);
  return { seed, random, checkout, clock, story: [], charged: new Map(), unanswered: new Map() };
}

/** Does one thing a customer, a metering server, a worker or the weather may do; every third time the process may die in it. */
export async function liveOn(world: LifeWorld, life: Life): Promise<void> {
  const [name, step] = life.random.pick(STEPS);
  life.story.push(name);
  const isFrail = life.random.chance(0.3);
  if (isFrail) world.bomb.queriesLeft = life.random.below(12);
  await attempt(life, () => step(world, life, isFrail ? world.frail : world.database));
}

/** Everything a worker still has to do for a life, until nothing changes: as if it had run all along. */
export async function settle(world: LifeWorld, life: Life): Promise<void> {
  await repeatCharges(world, life, world.database);
  for (let round = 0; round < 3; round += 1) {
    await advance(world, life, world.database);
    for (const deposit of await unswept(world, life))
      await attempt(life, () => sweepOne(world, world.database, deposit, 4));
  }
}

const AMOUNTS: readonly (readonly [number, bigint])[] = [
  [1, 1n],
  [2, 400_000n],
  [4, 1_000_000n],
  [6, 5_000_000n],
  [1, 20_000_000n],
];

const STEPS: readonly (readonly [number, readonly [string, Step]])[] = [
  [4, ["pay", pay]],
  [1, ["pay in the other token", payOther]],
  [2, ["look", look]],
  [4, ["finalize", finalize]],
  [6, ["charge", charge]],
  [3, ["charge again", repeatCharges]],
  [5, ["advance", advance]],
  [1, ["an hour passes", passTime]],
  [4, ["sweep", sweep]],
];

async function attempt(life: Life, run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    if (error instanceof Crash) life.story.push("  died in it");
    else if (error instanceof DomainError) life.story.push(`  ${error.code}`);
    else throw error;
  }
}

async function pay(world: LifeWorld, life: Life): Promise<void> {
  const units = life.random.pick(AMOUNTS);
  life.story.push(`  ${units}`);
  await world.send({ token: world.evm.usdc, to: life.checkout.depositAddress, units });
}

async function payOther(world: LifeWorld, life: Life): Promise<void> {
  await world.send({ token: world.evm.usdt, to: life.checkout.depositAddress, units: life.random.pick(AMOUNTS) });
}

async function look(world: LifeWorld, life: Life, database: Knex): Promise<void> {
  await validateCheckout(world.needsOn(database, life.clock), life.checkout);
}

async function finalize(world: LifeWorld, life: Life, database: Knex): Promise<void> {
  const buyer = { orgId: null, orgHost: null, userId: null };
  const input = { checkout: life.checkout, officexPurchaseId: null, buyer };
  const needs = world.needsOn(database, life.clock);
  await Promise.all([finalizeCheckout(needs, input), finalizeCheckout(needs, input)]);
}

async function charge(world: LifeWorld, life: Life, database: Knex): Promise<void> {
  const dollars = ["0.000000001", "0.3", "0.9", "4.2"][life.random.below(4)] ?? "1";
  const eventId = `life-${life.seed}-${life.charged.size + life.unanswered.size}`;
  life.unanswered.set(eventId, dollars);
  if (life.random.chance(0.8)) await repeatCharges(world, life, database);
}

/** The metering server's side: an event is sent until it is answered, and an answered one may be sent again. */
async function repeatCharges(world: LifeWorld, life: Life, database: Knex): Promise<void> {
  const purchase = await findPurchase(database, life.checkout.purchaseId);
  if (purchase === null || purchase.status === "terminating" || purchase.status === "terminated") {
    life.unanswered.clear();
    return;
  }
  for (const [eventId, billedAmount] of [...life.unanswered]) {
    const report = { purchaseId: purchase.id, eventId, quantity: "1", unit: "GB_MONTH", billedAmount };
    const full = { ...report, occurredAt: null, description: null, metadata: null };
    try {
      const needs = { ledger: world.ledger, clock: life.clock };
      const [{ amount }] = await Promise.all([
        meterUsage(needs, purchase.terms, full),
        meterUsage(needs, purchase.terms, full),
      ]);
      life.charged.set(eventId, amount);
      life.unanswered.delete(eventId);
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      life.story.push(`  ${error.code}`);
      life.unanswered.delete(eventId);
    }
  }
}

/** What the purchase's and the checkout's workflows do when they are woken. */
async function advance(world: LifeWorld, life: Life, database: Knex): Promise<void> {
  const needs = world.needsOn(database, life.clock);
  const { purchaseId } = life.checkout;
  if ((await findPurchase(database, purchaseId)) === null) {
    await reviewCheckout(needs, { checkoutId: life.checkout.id });
    return;
  }
  const view = await advancePurchase(needs, { purchaseId });
  life.story.push(`  ${view.status}`);
  if (view.next === "provision" || view.next === "terminate")
    await finishPhase(needs, { purchaseId, phase: view.next });
}

async function passTime(_world: LifeWorld, life: Life): Promise<void> {
  life.clock.offsetMs += GRACE_SECONDS * 1_000;
}

async function sweep(world: LifeWorld, life: Life, database: Knex): Promise<void> {
  for (const deposit of await unswept(world, life)) await sweepOne(world, database, deposit, life.random.below(5));
}

/** The steps of a sweep's workflow, as many as are told: a worker may stop after any of them. */
async function sweepOne(world: LifeWorld, database: Knex, depositId: string, steps: number): Promise<void> {
  const act = world.sweepsOn(database);
  if (steps < 1) return;
  const plan = await act.prepareSweep({ depositId });
  if (plan.transactionId !== null) {
    if (steps > 1) await act.broadcastSweep({ depositId, transactionId: plan.transactionId });
    if (steps > 2) await act.isSweepMined({ depositId, transactionId: plan.transactionId });
  }
  if (steps > 3) await act.recordSweep({ depositId, sweepId: plan.sweepId });
}

/** Deposits somebody asked to sweep and nobody has yet. */
async function unswept(world: LifeWorld, life: Life): Promise<readonly string[]> {
  const { rows }: { rows: { id: string }[] } = await world.database.raw(
    `SELECT d.id FROM deposits d LEFT JOIN sweeps s ON s.id = d.sweep_id
     WHERE d.deposit_address_id = ? AND d.status = 'confirmed' AND coalesce(s.status, 'open') = 'open'
       AND EXISTS (SELECT FROM wakes w WHERE w.subject = 'sweep/' || d.id) ORDER BY d.id`,
    [life.checkout.depositAddressId],
  );
  return rows.map(({ id }) => id);
}
