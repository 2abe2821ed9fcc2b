import type { Knex } from "knex";
import { advancePurchase } from "../../src/products/purchases/advance-purchase.ts";
import { reviewCheckout } from "../../src/products/purchases/checkout.ts";
import { finishPhase } from "../../src/products/purchases/finish-phase.ts";
import { findPurchase } from "../../src/products/purchases/purchase-store.ts";
import { attempt, type Life, type Step } from "./life.ts";
import { GRACE_SECONDS, type LifeWorld } from "./life-world.ts";

/** All steps of a sweep or a refund, where fewer mean that its worker stopped. */
const ALL = 4;

/** What the purchase's and the checkout's workflows do when they are woken. */
export const advance: Step = async (world, life, database) => {
  const needs = world.needsOn(database, life.clock);
  const { purchaseId } = life.checkout;
  if ((await findPurchase(database, purchaseId)) === null) {
    await reviewCheckout(needs, { checkoutId: life.checkout.id });
    return;
  }
  const view = await advancePurchase(needs, { purchaseId });
  life.story.push(`  ${view.status}`);
  if (view.next !== "wait" && view.next !== "done") await finishPhase(needs, { purchaseId, phase: view.next });
};

/** The longest grace there is goes by. */
export const passTime: Step = async (_world, life) => {
  life.clock.offsetMs += GRACE_SECONDS * 1_000;
};

/** Each deposit's sweep goes on by some steps; a worker may stop after any of them. */
export const sweep: Step = async (world, life, database) => {
  for (const deposit of await listUnswept(world, life))
    await sweepOne(world, { database, deposit, steps: life.random.below(ALL + 1) });
};

/** Each refund goes on by some steps. */
export const sendRefunds: Step = async (world, life, database) => {
  for (const refund of await listOpenRefunds(world, life))
    await refundOne(world, { database, refund, steps: life.random.below(ALL + 1) });
};

/** Everything a worker has to do for a life, once each, whatever of it fails. Answers how much is still open. */
export async function workThrough(world: LifeWorld, life: Life): Promise<number> {
  const { database } = world;
  await attempt(life, () => advance(world, life, database));
  for (const deposit of await listUnswept(world, life))
    await attempt(life, () => sweepOne(world, { database, deposit, steps: ALL }));
  for (const refund of await listOpenRefunds(world, life))
    await attempt(life, () => refundOne(world, { database, refund, steps: ALL }));
  return (await listUnswept(world, life)).length + (await listOpenRefunds(world, life)).length;
}

async function sweepOne(
  world: LifeWorld,
  {
    database,
    deposit: depositId,
    steps,
  }: { readonly database: Knex; readonly deposit: string; readonly steps: number },
): Promise<void> {
  const act = world.activitiesOn(database);
  if (steps < 1) return;
  const plan = await act.prepareSweep({ depositId });
  if (plan.isOver === true || plan.waitSeconds !== undefined) return;
  if (plan.transactionId !== null) {
    const sent = { depositId, transactionId: plan.transactionId };
    if (steps > 1) await act.broadcastSweep(sent);
    if (steps > 2 && !(await act.isSweepMined(sent))) return;
  }
  if (steps > 3) await act.recordSweep({ depositId, sweepId: plan.sweepId });
}

async function refundOne(
  world: LifeWorld,
  { database, refund: refundId, steps }: { readonly database: Knex; readonly refund: string; readonly steps: number },
): Promise<void> {
  const act = world.activitiesOn(database);
  if (steps < 1) return;
  const plan = await act.prepareRefund({ refundId });
  if (plan.isOver) return;
  if (plan.transactionId !== null) {
    const sent = { refundId, transactionId: plan.transactionId };
    if (steps > 1) await act.broadcastRefund(sent);
    if (steps > 2 && !(await act.isRefundMined(sent))) return;
  }
  if (steps > 3) await act.recordRefund({ refundId });
}

/** Deposits somebody asked to sweep and nobody has yet. */
async function listUnswept(world: LifeWorld, life: Life): Promise<readonly string[]> {
  const { rows }: { rows: { id: string }[] } = await world.database.raw(
    `SELECT d.id FROM deposits d LEFT JOIN sweeps s ON s.id = d.sweep_id
     WHERE d.deposit_address_id = ? AND d.status = 'confirmed' AND coalesce(s.status, 'open') = 'open' AND d.kind = 'token'
       AND (d.sweep_id IS NOT NULL OR d.refunded_units < d.amount_units)
       AND EXISTS (SELECT FROM wakes w WHERE w.subject = 'sweep/' || d.id) ORDER BY d.id`,
    [life.checkout.depositAddressId],
  );
  return rows.map(({ id }) => id);
}

/** Money promised back to where it came from and not there for good. */
async function listOpenRefunds(world: LifeWorld, life: Life): Promise<readonly string[]> {
  const { rows }: { rows: { id: string }[] } = await world.database.raw(
    `SELECT r.id FROM refunds r JOIN deposits d ON d.id = r.deposit_id
     WHERE d.deposit_address_id = ? AND r.status = 'open' ORDER BY r.id`,
    [life.checkout.depositAddressId],
  );
  return rows.map(({ id }) => id);
}
