import type { Database } from "../../../platform/database/pool.ts";

/** What OfficeX last accepted about a purchase, and how the last attempt went. */
export type OfficexRecord = {
  readonly status: string | null;
  readonly acceptedAt: Date | null;
  readonly lastOutcome: string;
};

/** The state of a purchase's record; null while nothing was ever tried. */
export async function findOfficexRecord(database: Database, purchaseId: string): Promise<OfficexRecord | null> {
  const result: { rows: OfficexRecord[] } = await database.raw(
    `SELECT status, accepted_at AS "acceptedAt", last_outcome AS "lastOutcome" FROM officex_records WHERE purchase_id = ?`,
    [purchaseId],
  );
  return result.rows[0] ?? null;
}

/** Notes an attempt; `accepted` is the status OfficeX took, null when it took none, and then what it took before stays. */
export async function saveOfficexAttempt(
  database: Database,
  attempt: { readonly purchaseId: string; readonly outcome: string; readonly accepted: string | null },
): Promise<void> {
  await database.raw(
    `INSERT INTO officex_records (purchase_id, status, accepted_at, last_outcome)
     VALUES (:purchaseId, :accepted, CASE WHEN :accepted::text IS NULL THEN NULL ELSE now() END, :outcome)
     ON CONFLICT (purchase_id) DO UPDATE SET status = coalesce(excluded.status, officex_records.status),
       accepted_at = coalesce(excluded.accepted_at, officex_records.accepted_at), last_outcome = excluded.last_outcome,
       attempted_at = now()`,
    attempt,
  );
}
