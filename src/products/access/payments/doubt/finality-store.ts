import type { Database } from "../../../../platform/database/pool.ts";

/** A look that came to nothing is tried again so much later. */
const OVERDUE = "10 minutes";
const MOST = 200;

/** Failures that the chain itself proved, or that were never sent to anybody: nothing can come of them. */
const ENDED = [
  "payment_expired",
  "authorization_canceled",
  "transaction_failed",
  "settlement_older",
  "facilitator_unavailable",
];
/** A Solana payload does not say how long it is good; its blockhash is for a minute and a half. */
const LONGEST_BLOCKHASH = "3 minutes";

/**
 * Workflow ids of payments whose block should be final by now and that were not looked at since. `networks` says after how many seconds
 * blocks are final. At most 200, the oldest of each network first.
 */
export async function findPaymentsDueForFinality(
  database: Database,
  networks: readonly { readonly id: string; readonly seconds: number }[],
): Promise<readonly string[]> {
  const result: { rows: { subject: string }[] } = await database.raw(
    `SELECT 'access-payment/' || p.id AS subject
     FROM jsonb_to_recordset(:networks::jsonb) AS n(id text, seconds integer)
       JOIN access_payments p ON p.network = n.id AND p.final_at IS NULL AND p.status IN ('settled', 'unserved')
         AND p.dialect <> 'balance' AND p.resolved_at < now() - make_interval(secs => n.seconds)
       LEFT JOIN wakes w ON w.subject = 'access-payment/' || p.id
     WHERE w.subject IS NULL OR (w.seq = w.sent_seq AND w.updated_at < now() - :overdue::interval)
       OR (w.seq = w.sent_seq AND w.updated_at < p.resolved_at + make_interval(secs => n.seconds))
     ORDER BY p.resolved_at LIMIT :most`,
    { networks: JSON.stringify(networks), overdue: OVERDUE, most: MOST },
  );
  return result.rows.map(({ subject }) => subject);
}

/** Whether a payment was seen in a final block. */
export async function isPaymentFinal(database: Database, id: string): Promise<boolean> {
  const row: unknown = await database("access_payments").where({ id }).whereNotNull("final_at").first("id");
  return row !== undefined;
}

/** Notes that a payment's block is final: it is never looked at again. */
export async function markPaymentFinal(database: Database, id: string): Promise<void> {
  await database("access_payments").where({ id }).whereNull("final_at").update({ final_at: database.fn.now() });
}

/** A payment is in another transaction than the one it was settled by. */
export async function movePayment(
  database: Database,
  input: { readonly id: string; readonly transaction: string },
): Promise<void> {
  await database("access_payments").where({ id: input.id }).update({ transaction: input.transaction });
}

/** Whether it is on record already that a payment is gone from the chain. */
export async function hasVanished(database: Database, id: string): Promise<boolean> {
  const row: unknown = await database("access_payment_log")
    .where({ payment_id: id, event: "vanished" })
    .first("number");
  return row !== undefined;
}

/**
 * Workflow ids of signed payments that failed by somebody's word and can land no more by now, but were not looked at since. `networks` says
 * after how many seconds blocks are final. At most 200, the oldest first.
 */
export async function findFailedPaymentsDue(
  database: Database,
  networks: readonly { readonly id: string; readonly seconds: number }[],
): Promise<readonly string[]> {
  const result: { rows: { subject: string }[] } = await database.raw(
    `SELECT 'access-payment/' || p.id AS subject
     FROM jsonb_to_recordset(:networks::jsonb) AS n(id text, seconds integer)
       JOIN access_payments p ON p.network = n.id AND p.final_at IS NULL AND p.status = 'failed'
         AND p.payload_sealed IS NOT NULL AND p.failure_code <> ALL(:ended)
       CROSS JOIN LATERAL (SELECT greatest(p.resolved_at, coalesce(p.valid_until, p.resolved_at + :blockhash::interval))
         + make_interval(secs => n.seconds) AS at) due
       LEFT JOIN wakes w ON w.subject = 'access-payment/' || p.id
     WHERE due.at < now() AND (w.subject IS NULL OR (w.seq = w.sent_seq
       AND (w.updated_at < now() - :overdue::interval OR w.updated_at < due.at)))
     ORDER BY p.resolved_at LIMIT :most`,
    { networks: JSON.stringify(networks), ended: ENDED, blockhash: LONGEST_BLOCKHASH, overdue: OVERDUE, most: MOST },
  );
  return result.rows.map(({ subject }) => subject);
}
