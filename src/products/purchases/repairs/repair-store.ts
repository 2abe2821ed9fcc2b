import type { Database } from "../../../platform/database/pool.ts";

/** Writes down that a step of a phase is left out for good; the second time changes nothing. */
export async function insertSkippedStep(
  transaction: Database,
  skip: { readonly purchaseId: string; readonly phase: string; readonly step: string; readonly requestId: string },
): Promise<void> {
  await transaction("skipped_steps")
    .insert({ purchase_id: skip.purchaseId, phase: skip.phase, step: skip.step, request_id: skip.requestId })
    .onConflict(["purchase_id", "phase", "step"])
    .ignore();
}

/** Whether an operator decided that this step is left out. */
export async function isStepSkipped(
  database: Database,
  input: { readonly purchaseId: string; readonly phase: string; readonly step: string },
): Promise<boolean> {
  const row: unknown = await database("skipped_steps")
    .where({ purchase_id: input.purchaseId, phase: input.phase, step: input.step })
    .first("step");
  return row !== undefined;
}

/**
 * Notes that the end of a purchase is from now on beyond recall, if it is being terminated: false when it is not, and then nothing may
 * be destroyed. One statement decides between this and a repair that calls the termination back; the first time stays.
 */
export async function beginDestruction(database: Database, purchaseId: string): Promise<boolean> {
  const changed = await database("purchases")
    .where({ id: purchaseId, status: "terminating" })
    .update({ destruction_began_at: database.raw("coalesce(destruction_began_at, now())") });
  return changed === 1;
}

/** Whether anything of a purchase may have been destroyed. */
export async function hasDestructionBegun(database: Database, purchaseId: string): Promise<boolean> {
  const row: { destruction_began_at: Date | null } | undefined = await database("purchases")
    .where("id", purchaseId)
    .first("destruction_began_at");
  return row?.destruction_began_at != null;
}

/** The purchase that has a deposit, or whose address it reached: null when none does, undefined when there is no such deposit. */
export async function findDepositOwner(database: Database, depositId: string): Promise<string | null | undefined> {
  const { rows } = await database.raw<{ rows: { owner: string | null }[] }>(
    `SELECT coalesce(substring(d.account FROM '^purchase/(.+)$'), c.purchase_id) AS owner
     FROM deposits d LEFT JOIN checkouts c ON c.deposit_address_id = d.deposit_address_id WHERE d.id = ?`,
    [depositId],
  );
  return rows.length === 0 ? undefined : (rows[0]?.owner ?? null);
}
