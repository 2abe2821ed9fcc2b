import { z } from "zod";
import { findParked } from "../../../platform/temporal/parked-workflow-store.ts";
import { NotStuck, RepairNotAllowed } from "./errors.ts";
import type { RepairNeeds } from "./perform-repair.ts";
import { parseRepair, RepairSignature } from "./repair.ts";
import type { RepairAnswer } from "./repair-once.ts";
import { repairOnce } from "./repair-once.ts";

const SignedRetry = z.strictObject({
  ...RepairSignature,
  action: z.enum(["retryStep", "resumeSweep"]),
  dryRun: z.boolean().optional(),
});

const SWEEP = "sweep/";

/**
 * Repairs of workflows that are not a purchase: `retryStep` tries the step one stands still at, `resumeSweep` lets the sweep of a deposit
 * go on. Written down and idempotent as every repair. Throws `invalid_repair`, `not_stuck`, `repair_not_allowed` and
 * `request_id_reused`.
 */
export async function repairWorkflow(
  needs: Pick<RepairNeeds, "database" | "money">,
  input: { readonly subject: string; readonly request: unknown },
): Promise<RepairAnswer> {
  const { subject } = input;
  const { action, requestId, actor, note, dryRun } = parseRepair(SignedRetry, input.request);
  const call = { requestId, subject, action, actor, note, input: {}, isDryRun: dryRun === true };
  return repairOnce(needs, call, async (transaction) => {
    if (action === "resumeSweep") {
      if (!subject.startsWith(SWEEP)) throw new RepairNotAllowed(action, "other", `${subject} is no sweep.`);
      await needs.money.resumeSweep(transaction, { depositId: subject.slice(SWEEP.length) });
      return { text: "The sweep goes on.", data: {}, wakes: [subject] };
    }
    const parked = await findParked(transaction, subject);
    if (parked === null) throw new NotStuck(subject);
    return { text: `"${parked.step}" is tried again now.`, data: { step: parked.step }, wakes: [subject] };
  });
}
