import type { Knex } from "knex";
import { z } from "zod";
import type { Clock } from "../../../platform/clock.ts";
import type { RepairAnswer } from "../../../platform/repairs/repair-once.ts";
import { repairOnce } from "../../../platform/repairs/repair-once.ts";
import { parseRepair, RepairSignature } from "../../../platform/repairs/repair-request.ts";
import { findParked } from "../../../platform/temporal/parked-workflow-store.ts";
import { findCheckout } from "../checkout-store.ts";
import { PurchaseNotFound } from "../errors.ts";
import { findPurchase } from "../purchase-store.ts";
import { confirmRefund } from "./confirm-refund.ts";
import { extendGrace } from "./extend-grace.ts";
import type { MoneyMoves } from "./money-moves.ts";
import { reassignDeposit } from "./reassign-deposit.ts";
import { refund } from "./refund.ts";
import { refuseRefund } from "./refuse-refund.ts";
import type { Repair, RepairFacts } from "./repair.ts";
import { hasDestructionBegun } from "./repair-store.ts";
import { resumeSweep } from "./resume-sweep.ts";
import { retryStep } from "./retry-step.ts";
import { skipStep } from "./skip-step.ts";
import { terminateNow } from "./terminate-now.ts";

/** Every repair there is. A new one is a file here and a line in this list; all three doors then have it. */
export const REPAIRS: readonly Repair[] = [
  retryStep,
  skipStep,
  reassignDeposit,
  extendGrace,
  terminateNow,
  refund,
  resumeSweep,
  confirmRefund,
  refuseRefund,
];

/** What repairs need. */
export type RepairNeeds = { readonly database: Knex; readonly clock: Clock; readonly money: MoneyMoves };

const SignedRepair = z.looseObject({
  ...RepairSignature,
  action: z.enum(REPAIRS.map(({ action }) => action)),
  dryRun: z.boolean().optional(),
});

/**
 * Performs one repair of a purchase: the one domain behind the Temporal Update, the admin route and the command line. `request` is
 * whatever came through the door: `action`, `requestId`, `actor`, `note` and the repair's own members. In one transaction: the state is
 * read under lock, the repair may refuse, its effect and its audit row are written, the workflow is woken. The same request id with the
 * same input answers the same and does nothing more, however many callers send it at once and whatever crashed before; with other
 * input it is refused. `dryRun` does everything and takes it back. Throws `invalid_repair`, `purchase_not_found`, `repair_not_allowed`,
 * `not_stuck`, `request_id_reused` and what the repair itself refuses.
 */
export async function performRepair(
  needs: RepairNeeds,
  input: { readonly purchaseId: string; readonly request: unknown },
): Promise<RepairAnswer> {
  const { action, requestId, actor, note, dryRun, ...own } = parseRepair(SignedRepair, input.request);
  const repair = REPAIRS.find((candidate) => candidate.action === action);
  if (repair === undefined) throw new Error(`${action} is in the schema and not in the list`);
  const prepared = repair.prepare(own);
  const subject = `purchase/${input.purchaseId}`;
  const call = { requestId, subject, action, actor, note, input: prepared.input, isDryRun: dryRun === true };
  return repairOnce(needs, call, async (transaction) => {
    const facts = await readFacts(needs, transaction, input.purchaseId);
    const refusal = prepared.refuse(facts);
    if (refusal !== null) throw refusal;
    const key = `repair:${requestId}`;
    const outcome = await prepared.apply({ transaction, money: needs.money, facts, key, requestId, actor });
    const own = facts.purchase === null ? `checkout/${facts.checkout.id}` : subject;
    return { text: outcome.text, data: outcome.data ?? {}, wakes: [own, ...(outcome.wakes ?? [])] };
  });
}

async function readFacts(needs: RepairNeeds, transaction: Knex.Transaction, purchaseId: string): Promise<RepairFacts> {
  const subject = `purchase/${purchaseId}`;
  const purchase = await findPurchase(transaction, purchaseId, { lock: true });
  const checkout = await findCheckout(transaction, { purchaseId });
  if (checkout === null) throw new PurchaseNotFound();
  return {
    subject,
    purchase,
    checkout,
    isDestructionBegun: await hasDestructionBegun(transaction, purchaseId),
    parked: await findParked(transaction, subject),
    now: new Date(needs.clock.now()),
  };
}
