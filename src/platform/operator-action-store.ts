import type { JsonValue } from "../errors.ts";
import type { Database } from "./database/pool.ts";

/** One thing an operator did, for ever. `subject` is a workflow id such as `purchase/pur_1`; `input` and `outcome` hold no secret. */
export type OperatorAction = {
  /** Grows with time; a page of actions continues below one. */
  readonly number: string;
  /** The caller's own name for this one repair: the same again is the same repair. */
  readonly requestId: string;
  readonly subject: string;
  readonly action: string;
  readonly actor: string;
  readonly note: string;
  readonly input: JsonValue;
  readonly outcome: JsonValue;
  readonly actedAt: Date;
};

/** What is written down about an action. */
export type NewOperatorAction = Omit<OperatorAction, "number" | "actedAt">;

const COLUMNS = `number, request_id AS "requestId", subject, action, actor, note, input, outcome, acted_at AS "actedAt"`;

/**
 * Writes an action down in the transaction of what it did, so that neither is ever there without the other. The table takes no change
 * and no deletion. False when the request id is known: nothing was written then.
 */
export async function recordOperatorAction(transaction: Database, action: NewOperatorAction): Promise<boolean> {
  const { rows } = await transaction.raw<{ rows: unknown[] }>(
    `INSERT INTO operator_actions (request_id, subject, action, actor, note, input, outcome)
     VALUES (:requestId, :subject, :action, :actor, :note, :input::jsonb, :outcome::jsonb)
     ON CONFLICT (request_id) DO NOTHING RETURNING number`,
    { ...action, input: JSON.stringify(action.input), outcome: JSON.stringify(action.outcome) },
  );
  return rows.length === 1;
}

/**
 * Makes callers with the same request id queue until this transaction ends, and answers what an earlier one did; null when this is
 * the first. Call it before deciding anything.
 */
export async function claimOperatorRequest(transaction: Database, requestId: string): Promise<OperatorAction | null> {
  await transaction.raw("SELECT pg_advisory_xact_lock(hashtext('operator_actions'), hashtext(?))", [requestId]);
  const { rows } = await transaction.raw<{ rows: OperatorAction[] }>(
    `SELECT ${COLUMNS} FROM operator_actions WHERE request_id = ?`,
    [requestId],
  );
  return rows[0] ?? null;
}

/** Actions, newest first, at most `limit`; of one subject when it is given, and below `before` to continue a page. */
export async function listOperatorActions(
  database: Database,
  input: { readonly subject?: string | undefined; readonly before?: string | undefined; readonly limit: number },
): Promise<readonly OperatorAction[]> {
  const { rows } = await database.raw<{ rows: OperatorAction[] }>(
    `SELECT ${COLUMNS} FROM operator_actions
     WHERE (:subject::text IS NULL OR subject = :subject) AND (:before::bigint IS NULL OR number < :before)
     ORDER BY number DESC LIMIT :limit`,
    { subject: input.subject ?? null, before: input.before ?? null, limit: input.limit },
  );
  return rows;
}
