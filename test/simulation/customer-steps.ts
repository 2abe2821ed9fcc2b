import type { Knex } from "knex";
import { DomainError } from "../../src/errors.ts";
import { type Nanodollars, parseDollars } from "../../src/money/nanodollars.ts";
import { cancelPurchase } from "../../src/products/purchases/cancel-purchase.ts";
import { validateCheckout } from "../../src/products/purchases/checkout.ts";
import { finalizeCheckout } from "../../src/products/purchases/finalize.ts";
import { meterUsage } from "../../src/products/purchases/metering.ts";
import { setNoticeLevels } from "../../src/products/purchases/notice-levels.ts";
import { findPurchase, type Purchase } from "../../src/products/purchases/purchase-store.ts";
import { recordUsage } from "../../src/products/purchases/record-usage.ts";
import { toUsageReport } from "../../src/products/purchases/usage-report.ts";
import type { Life, Step } from "./life.ts";
import type { LifeWorld } from "./life-world.ts";

const AMOUNTS: readonly (readonly [number, bigint])[] = [
  [1, 1n],
  [2, 400_000n],
  [4, 1_000_000n],
  [6, 5_000_000n],
  [1, 20_000_000n],
];

function tokenOf(world: LifeWorld, life: Life): string {
  return life.checkout.token === "USDT" ? world.evm.usdt : world.evm.usdc;
}

/** Tokens come: of the checkout's token, in some amount. */
export const pay: Step = async (world, life) => {
  const units = life.random.pick(AMOUNTS);
  life.story.push(`  ${units}`);
  await world.send({ token: tokenOf(world, life), to: life.checkout.depositAddress, units });
};

/** As much as the offer suggests. */
export const payInFull: Step = async (world, life) => {
  await world.send({ token: tokenOf(world, life), to: life.checkout.depositAddress, units: 5_000_000n });
};

/** The other token, which the offer may take or not. */
export const payOther: Step = async (world, life) => {
  const { usdc, usdt } = world.evm;
  const token = tokenOf(world, life) === usdc ? usdt : usdc;
  await world.send({ token, to: life.checkout.depositAddress, units: life.random.pick(AMOUNTS) });
};

/** Native coin or a token that nobody listed. */
export const payOddly: Step = async (world, life) => {
  const { depositAddress: to } = life.checkout;
  if (life.random.chance(0.5)) {
    life.odd.coin += 10n ** 16n;
    await world.sendCoin(to, 10n ** 16n);
    return;
  }
  life.odd.stranger += 7_000_000n;
  await world.send({ token: world.stranger, to, units: 7_000_000n });
};

/** "I have paid": the address is looked at now. */
export const look: Step = async (world, life, database) => {
  await validateCheckout(world.needsOn(database, life.clock), life.checkout);
};

/** Finalised twice at once. */
export const finalize: Step = async (world, life, database) => {
  const buyer = { orgId: null, orgHost: null, userId: null };
  const input = { checkout: life.checkout, officexPurchaseId: null, buyer };
  const needs = world.needsOn(database, life.clock);
  const [first, second] = await Promise.allSettled([finalizeCheckout(needs, input), finalizeCheckout(needs, input)]);
  for (const outcome of [first, second]) if (outcome.status === "rejected") throw outcome.reason;
};

/** The customer ends the purchase. */
export const cancel: Step = async (_world, life, database) => {
  await cancelPurchase({ database }, { purchaseId: life.checkout.purchaseId, isConfirmed: true });
};

/** The customer chooses when to be told. */
export const chooseLevels: Step = async (_world, life, database) => {
  const low = ["0.5", "1", "3"][life.random.below(3)] ?? "1";
  await setNoticeLevels(
    { database },
    { purchaseId: life.checkout.purchaseId, levels: { low: parseDollars(low), critical: parseDollars("0.2") } },
  );
};

/** The metering server has something to charge. */
export const charge: Step = async (world, life, database) => {
  const dollars = ["0.000000001", "0.3", "0.9", "4.2"][life.random.below(4)] ?? "1";
  const known = new Set([...life.charged.keys(), ...life.unanswered.keys()]);
  const eventId = `life-${life.seed}-${known.size}`;
  life.unanswered.set(eventId, dollars);
  if (life.random.chance(0.8)) await repeatCharges(world, life, database);
};

/** The metering server's side: an event is sent until it is answered, by call and by signal, and an answered one may be sent again. */
export const repeatCharges: Step = async (world, life, database) => {
  const purchase = await findPurchase(database, life.checkout.purchaseId);
  for (const [eventId, billed] of [...life.unanswered]) {
    if (purchase === null || ["terminating", "refunding", "terminated"].includes(purchase.status)) {
      life.unanswered.delete(eventId);
      continue;
    }
    await chargeThreeTimes(world, life, { purchase, eventId, billed, database });
    life.unanswered.delete(eventId);
  }
};

/** One event, sent three times at once. Counts what any answer says was charged, as it may be the last one; a death leaves it unanswered. */
async function chargeThreeTimes(
  world: LifeWorld,
  life: Life,
  event: { readonly purchase: Purchase; readonly eventId: string; readonly billed: string; readonly database: Knex },
): Promise<void> {
  const { purchase, eventId, billed, database } = event;
  const needs = { ledger: world.ledger, clock: life.clock };
  const body = { event_id: eventId, usage_amount: "1", usage_unit: "GB_MONTH", billed_amount: billed };
  const report = toUsageReport(purchase.id, body, eventId);
  const once = async (): Promise<Nanodollars> => (await meterUsage(needs, purchase.terms, report)).amount;
  const signalled = async (): Promise<Nanodollars | undefined> => {
    const [recorded] = await recordUsage({ ...needs, database }, { purchaseId: purchase.id, reports: [body] });
    return typeof recorded?.amount === "string" ? parseDollars(recorded.amount) : undefined;
  };
  const outcomes = await Promise.allSettled([once(), signalled(), once()]);
  for (const outcome of outcomes)
    if (outcome.status === "fulfilled" && outcome.value !== undefined) life.charged.set(eventId, outcome.value);
  for (const outcome of outcomes) {
    if (outcome.status === "fulfilled") continue;
    if (!(outcome.reason instanceof DomainError)) throw outcome.reason;
    life.story.push(`  ${outcome.reason.code}`);
  }
}
