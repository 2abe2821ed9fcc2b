import type { Database } from "../../platform/database/pool.ts";

/** A usage report by signal that was not charged, and why. `report` is its JSON as text. */
export type UsageRefusal = {
  readonly purchaseId: string;
  readonly eventId: string | null;
  readonly code: string;
  readonly detail: string;
  readonly report: string;
  readonly reportHash: Buffer;
};

/** Writes a refusal down. The same report refused for the same reason again is not written twice. */
export async function insertUsageRefusal(database: Database, refusal: UsageRefusal): Promise<void> {
  await database("usage_refusals")
    .insert({
      purchase_id: refusal.purchaseId,
      event_id: refusal.eventId,
      code: refusal.code,
      detail: refusal.detail,
      report: refusal.report,
      report_hash: refusal.reportHash,
    })
    .onConflict(["purchase_id", "report_hash", "code"])
    .ignore();
}

/** The latest refusal of an event of a purchase; null when none was refused. */
export async function findUsageRefusal(
  database: Database,
  event: { readonly purchaseId: string; readonly eventId: string },
): Promise<{ readonly code: string; readonly detail: string; readonly refusedAt: Date } | null> {
  const row: { code: string; detail: string; refused_at: Date } | undefined = await database("usage_refusals")
    .where({ purchase_id: event.purchaseId, event_id: event.eventId })
    .orderBy("id", "desc")
    .first("code", "detail", "refused_at");
  return row === undefined ? null : { code: row.code, detail: row.detail, refusedAt: row.refused_at };
}

/** How many reports were refused for each reason, in all time. */
export async function countUsageRefusals(
  database: Database,
): Promise<readonly { readonly code: string; readonly count: number }[]> {
  const rows: { code: string; count: string }[] = await database("usage_refusals")
    .select("code")
    .count({ count: "*" })
    .groupBy("code");
  return rows.map(({ code, count }) => ({ code, count: Number(count) }));
}
