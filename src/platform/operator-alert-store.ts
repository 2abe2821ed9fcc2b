import type { Database } from "./database/pool.ts";
import { newId } from "./ids.ts";
import { raiseWake } from "./temporal/wake-store.ts";

/** Something operators must know. `subject` is what it is about, such as `gas-tank/base`; `text` is for people and holds no secret. */
export type OperatorAlert = {
  readonly id: string;
  readonly subject: string;
  readonly code: string;
  readonly text: string;
  readonly since: Date;
  readonly resolvedAt: Date | null;
  readonly deliveredAt: Date | null;
};

const COLUMNS = `id, subject, code, text, since, resolved_at AS "resolvedAt", delivered_at AS "deliveredAt"`;

/**
 * Opens an alert and raises the wake of its delivery, unless one of this subject and code is open: a condition that lasts is told once.
 * In the caller's transaction. True when it is new.
 */
export async function raiseAlert(
  transaction: Database,
  alert: Pick<OperatorAlert, "subject" | "code" | "text">,
): Promise<boolean> {
  const id = newId("alt");
  const { rows } = await transaction.raw<{ rows: unknown[] }>(
    `INSERT INTO operator_alerts (id, subject, code, text) VALUES (:id, :subject, :code, :text)
     ON CONFLICT (subject, code) WHERE resolved_at IS NULL DO NOTHING RETURNING id`,
    { id, ...alert },
  );
  if (rows.length === 1) await raiseWake(transaction, `alert/${id}`);
  return rows.length === 1;
}

/** Closes the open alert of a subject and code, so that the next time it is told again. True when one was open. */
export async function resolveAlert(
  transaction: Database,
  alert: Pick<OperatorAlert, "subject" | "code">,
): Promise<boolean> {
  const { rows } = await transaction.raw<{ rows: unknown[] }>(
    "UPDATE operator_alerts SET resolved_at = now() WHERE subject = :subject AND code = :code AND resolved_at IS NULL RETURNING id",
    alert,
  );
  return rows.length === 1;
}

/** One alert by id. */
export async function findAlert(database: Database, id: string): Promise<OperatorAlert | undefined> {
  const { rows } = await database.raw<{ rows: OperatorAlert[] }>(
    `SELECT ${COLUMNS} FROM operator_alerts WHERE id = ?`,
    [id],
  );
  return rows[0];
}

/** Notes that the listener took the alert; the first time stays. */
export async function markAlertDelivered(database: Database, id: string): Promise<void> {
  await database.raw("UPDATE operator_alerts SET delivered_at = coalesce(delivered_at, now()) WHERE id = ?", [id]);
}

/**
 * Deletes up to `limit` alerts that were resolved 90 days ago, oldest first, but none whose delivery is parked. Answers how many.
 */
export async function purgeAlerts(database: Database, limit: number): Promise<number> {
  const deleted = await database.raw<{ rowCount: number }>(
    `DELETE FROM operator_alerts WHERE id IN (
       SELECT a.id FROM operator_alerts a WHERE a.resolved_at < now() - interval '90 days'
         AND NOT EXISTS (SELECT FROM parked_workflows p WHERE p.subject = 'alert/' || a.id)
       ORDER BY a.resolved_at LIMIT ? FOR UPDATE OF a SKIP LOCKED)`,
    [limit],
  );
  return deleted.rowCount;
}
