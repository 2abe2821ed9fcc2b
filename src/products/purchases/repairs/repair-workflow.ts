import type { Knex } from "knex";
import { z } from "zod";
import type { RepairAnswer, RepairWorkDone } from "../../../platform/repairs/repair-once.ts";
import { repairOnce } from "../../../platform/repairs/repair-once.ts";
import { parseRepair, RepairSignature } from "../../../platform/repairs/repair-request.ts";
import { findParked } from "../../../platform/temporal/parked-workflow-store.ts";
import { NotStuck, RepairNotAllowed } from "./errors.ts";
import type { RepairNeeds } from "./perform-repair.ts";

const ACTIONS = ["retryStep", "resumeSweep", "confirmRefund", "refuseRefund"] as const;

const SignedRetry = z.strictObject({
  ...RepairSignature,
  action: z.enum(ACTIONS),
  dryRun: z.boolean().optional(),
});

const SWEEP = "sweep/";
const REFUND = "refund/";

type Needs = Pick<RepairNeeds, "database" | "money">;
type Perform = (
  needs: Needs,
  transaction: Knex.Transaction,
  input: { readonly subject: string; readonly actor: string },
) => Promise<Omit<RepairWorkDone, "wakes">>;

const PERFORM: Readonly<Record<(typeof ACTIONS)[number], Perform>> = {
  retryStep: async (_needs, transaction, { subject }) => {
    const parked = await findParked(transaction, subject);
    if (parked === null) throw new NotStuck(subject);
    return { text: `"${parked.step}" is tried again now.`, data: { step: parked.step } };
  },
  resumeSweep: async ({ money }, transaction, { subject }) => {
    if (subject.startsWith(REFUND)) {
      await money.resumeRefund(transaction, { refundId: subject.slice(REFUND.length) });
      return { text: "The refund goes on.", data: {} };
    }
    if (!subject.startsWith(SWEEP))
      throw new RepairNotAllowed("resumeSweep", "other", `${subject} is no sweep and no refund.`);
    await money.resumeSweep(transaction, { depositId: subject.slice(SWEEP.length) });
    return { text: "The sweep goes on.", data: {} };
  },
  confirmRefund: async ({ money }, transaction, { subject, actor }) => {
    const refundId = requireRefund("confirmRefund", subject);
    await money.confirmRefund(transaction, { refundId, actor });
    return { text: `The refund goes to its deposit's sender; ${actor} vouches for it.`, data: {} };
  },
  refuseRefund: async ({ money }, transaction, { subject }) => {
    const refundId = requireRefund("refuseRefund", subject);
    const { account } = await money.refuseRefund(transaction, { refundId });
    return { text: `The refund is given up; its money is in ${account} again.`, data: { account } };
  },
};

/**
 * Repairs of workflows that are not a purchase: `retryStep` tries the step one stands still at, `resumeSweep` lets the sweep of a deposit
 * or a refund go on, `confirmRefund` and `refuseRefund` decide about a refund. Written down and idempotent as every repair. Throws
 * `invalid_repair`, `not_stuck`, `repair_not_allowed`, `request_id_reused` and what deciding about a refund throws.
 */
export async function repairWorkflow(
  needs: Needs,
  input: { readonly subject: string; readonly request: unknown },
): Promise<RepairAnswer> {
  const { subject } = input;
  const { action, requestId, actor, note, dryRun } = parseRepair(SignedRetry, input.request);
  const call = { requestId, subject, action, actor, note, input: {}, isDryRun: dryRun === true };
  return repairOnce(needs, call, async (transaction) => {
    const done = await PERFORM[action](needs, transaction, { subject, actor });
    return { ...done, wakes: [subject] };
  });
}

function requireRefund(action: string, subject: string): string {
  if (!subject.startsWith(REFUND)) throw new RepairNotAllowed(action, "other", `${subject} is no refund.`);
  return subject.slice(REFUND.length);
}
