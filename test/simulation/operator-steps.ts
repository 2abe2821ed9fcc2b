import { performRepair } from "../../src/products/purchases/repairs/perform-repair.ts";
import type { Life, Step } from "./life.ts";
import type { LifeWorld } from "./life-world.ts";

const HOUR_MS = 3_600_000;

/** An operator repairs something, twice at once under one request id. */
export const repair: Step = async (world, life, database) => {
  const wanted = await chooseRepair(world, life);
  if (wanted === undefined) return;
  const request = { requestId: `life-${life.seed}-${life.repairs.length}`, actor: "a test", note: "", ...wanted };
  life.repairs.push(request);
  life.story.push(`  ${request.action}`);
  const needs = world.needsOn(database, life.clock);
  const { purchaseId } = life.checkout;
  const both = await Promise.allSettled([
    performRepair(needs, { purchaseId, request }),
    performRepair(needs, { purchaseId, request }),
  ]);
  for (const outcome of both) if (outcome.status === "rejected") throw outcome.reason;
};

/** A repair of before is asked for once more, as by somebody who did not get its answer. */
export const repairAgain: Step = async (world, life, database) => {
  const request = life.repairs[life.random.below(life.repairs.length)];
  if (request === undefined) return;
  life.story.push(`  ${String(request.action)}`);
  const { purchaseId } = life.checkout;
  await performRepair(world.needsOn(database, life.clock), { purchaseId, request });
};

async function chooseRepair(world: LifeWorld, life: Life) {
  const { random, checkout, clock } = life;
  const inSuspense = await findDeposit(world, life, "status = 'suspense'");
  const anybodys = await findDeposit(world, life, "status IN ('suspense', 'confirmed')");
  const until = new Date(clock.now() + HOUR_MS * (1 + random.below(5))).toISOString();
  return random.pick<(Readonly<Record<string, string>> & { readonly action: string }) | undefined>([
    [2, { action: "extendGrace", until }],
    [1, { action: "terminateNow", confirm: checkout.purchaseId }],
    [2, inSuspense === undefined ? undefined : { action: "reassignDeposit", depositId: inSuspense }],
    [1, anybodys === undefined ? undefined : { action: "reassignDeposit", depositId: anybodys }],
    [2, inSuspense === undefined ? undefined : { action: "refund", depositId: inSuspense }],
    [2, { action: "refund", amount: ["0.4", "1", "3.000000001"][random.below(3)] ?? "1" }],
    [1, { action: "refund" }],
    [1, { action: "skipStep", step: "delete_objects" }],
    [1, anybodys === undefined ? undefined : { action: "resumeSweep", depositId: anybodys }],
  ]);
}

/** One of the deposits of all who live now. */
async function findDeposit(world: LifeWorld, life: Life, condition: string): Promise<string | undefined> {
  const { rows }: { rows: { id: string }[] } = await world.database.raw(
    `SELECT id FROM deposits WHERE kind = 'token' AND ${condition} AND deposit_address_id = ANY(?) ORDER BY id`,
    [life.neighbours.map(({ checkout }) => checkout.depositAddressId)],
  );
  return rows[life.random.below(Math.max(1, rows.length))]?.id;
}
