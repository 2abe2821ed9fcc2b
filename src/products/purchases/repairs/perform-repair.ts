import type { Knex } from "knex";
import { z } from "zod";
import type { JsonValue } from "../../../errors.ts";
import type { Clock } from "../../../platform/clock.ts";
import { canonicalJson } from "../../../platform/http/idempotency.ts";
import type { OperatorAction } from "../../../platform/operator-action-store.ts";
import { claimOperatorRequest, recordOperatorAction } from "../../../platform/operator-action-store.ts";
import { findParked } from "../../../platform/temporal/parked-workflow-store.ts";
import { raiseWake } from "../../../platform/temporal/wake-store.ts";
import { findCheckout } from "../checkout-store.ts";
import { PurchaseNotFound } from "../errors.ts";
import { findPurchase } from "../purchase-store.ts";
import { RequestIdReused } from "./errors.ts";
import { extendGrace } from "./extend-grace.ts";
import type { MoneyMoves } from "./money-moves.ts";
import { reassignDeposit } from "./reassign-deposit.ts";
import { refund } from "./refund.ts";
import type { PreparedRepair, Repair, RepairFacts } from "./repair.ts";
import { parseRepair, RepairSignature } from "./repair.ts";
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
];

/** What repairs need. */
export type RepairNeeds = { readonly database: Knex; readonly clock: Clock; readonly money: MoneyMoves };

/** What a repair answers, the first time and every time after. */
export type RepairAnswer = {
  readonly requestId: string;
  readonly subject: string;
  readonly action: string;
  readonly outcome: string;
  readonly data: Readonly<Record<string, JsonValue>>;
  readonly actedAt: string;
};

const Signature = z.looseObject({
  ...RepairSignature,
  action: z.enum(REPAIRS.map(({ action }) => action)),
  dryRun: z.boolean().optional(),
});

const Outcome = z.object({ text: z.string(), data: z.record(z.string(), z.json()) });

/** Thrown to undo what was only tried. */
class DryRun extends Error {
  readonly answer: RepairAnswer;
  constructor(answer: RepairAnswer) {
    super("only a dry run");
    this.answer = answer;
  }
}

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
  const { action, requestId, actor, note, dryRun, ...own } = parseRepair(Signature, input.request);
  const repair = REPAIRS.find((candidate) => candidate.action === action);
  if (repair === undefined) throw new Error(`${action} is in the schema and not in the list`);
  const prepared = repair.prepare(own);
  const subject = `purchase/${input.purchaseId}`;
  const call = { action, requestId, actor, note, subject, purchaseId: input.purchaseId };
  try {
    return await needs.database.transaction(async (transaction) => {
      const answer = await performOnce(needs, transaction, { ...call, prepared });
      if (dryRun === true) throw new DryRun(answer);
      return answer;
    });
  } catch (error) {
    if (error instanceof DryRun) return error.answer;
    throw error;
  }
}

type Call = {
  readonly action: string;
  readonly requestId: string;
  readonly actor: string;
  readonly note: string;
  readonly subject: string;
  readonly purchaseId: string;
  readonly prepared: PreparedRepair;
};

async function performOnce(needs: RepairNeeds, transaction: Knex.Transaction, call: Call): Promise<RepairAnswer> {
  const { prepared, requestId, action, actor, note, subject } = call;
  const earlier = await claimOperatorRequest(transaction, requestId);
  if (earlier !== null) return answerAgain(earlier, call);
  const facts = await readFacts(needs, transaction, call);
  const refusal = prepared.refuse(facts);
  if (refusal !== null) throw refusal;
  const key = `repair:${requestId}`;
  const outcome = await prepared.apply({ transaction, money: needs.money, facts, key, requestId });
  const written = { text: outcome.text, data: outcome.data ?? {} };
  await recordOperatorAction(transaction, {
    ...{ requestId, subject, action, actor, note },
    input: prepared.input,
    outcome: written,
  });
  const own = facts.purchase === null ? `checkout/${facts.checkout.id}` : subject;
  for (const woken of new Set([own, ...(outcome.wakes ?? [])])) await raiseWake(transaction, woken);
  const kept = await claimOperatorRequest(transaction, requestId);
  if (kept === null) throw new Error(`the action ${requestId} was not kept`);
  return toAnswer(kept);
}

function answerAgain(earlier: OperatorAction, call: Call): RepairAnswer {
  const isSame =
    earlier.action === call.action &&
    earlier.subject === call.subject &&
    canonicalJson(earlier.input) === canonicalJson(call.prepared.input);
  if (!isSame) throw new RequestIdReused(earlier);
  return toAnswer(earlier);
}

async function readFacts(needs: RepairNeeds, transaction: Knex.Transaction, call: Call): Promise<RepairFacts> {
  const { purchaseId, subject } = call;
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

function toAnswer(action: OperatorAction): RepairAnswer {
  const { text, data } = Outcome.parse(action.outcome);
  return {
    requestId: action.requestId,
    subject: action.subject,
    action: action.action,
    outcome: text,
    data,
    actedAt: action.actedAt.toISOString(),
  };
}
