import type { JsonValue } from "../../../errors.ts";
import type { Database } from "../../../platform/database/pool.ts";

type Facts = Readonly<Record<string, JsonValue>>;

/** What belongs to one purchase: its deposit address, its ledger account, its own workflow. */
export type PurchaseScope = {
  readonly purchaseId: string;
  readonly checkoutId: string;
  readonly depositAddressId: string;
};

/** One line of a purchase's timeline. `what` is such as `purchase.active`, `deposit.confirmed`, `repair.extendGrace`. */
export type TimelineLine = {
  readonly at: Date;
  readonly kind: string;
  readonly what: string;
  readonly ref: string;
  readonly data: Facts;
};

/** Where a page of {@link selectTimeline} ended. */
export type TimelineCursor = { readonly at: string; readonly what: string; readonly ref: string };

const ITS_DEPOSITS = "(d.deposit_address_id = :depositAddressId OR d.account = 'purchase/' || :purchaseId)";
const ITS_REFUNDS = `(r.account = 'purchase/' || :purchaseId OR ${ITS_DEPOSITS})`;
const REFUND_SUBJECTS = `(SELECT 'refund/' || r.id FROM refunds r JOIN deposits d ON d.id = r.deposit_id WHERE ${ITS_REFUNDS})`;
const ISO = `'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'`;
const iso = (column: string) => `to_char(${column} AT TIME ZONE 'UTC', ${ISO})`;

/**
 * Deposits, sweeps, refunds, notices with their last delivery, wakes and stuck items of a purchase, as plain facts for people. No address
 * out of a list of transfers is among them: somebody might send money there.
 */
export async function selectRecords(database: Database, scope: PurchaseScope) {
  const read = async (statement: string): Promise<Facts[]> => {
    const { rows } = await database.raw<{ rows: { fact: Facts }[] }>(
      `SELECT to_jsonb(found) AS fact FROM (${statement}) found LIMIT 500`,
      { ...scope },
    );
    return rows.map(({ fact }) => fact);
  };
  const [deposits, sweeps, refunds, notices, wakes, stuck] = await Promise.all([
    read(`SELECT d.id, d.chain, d.token, d.transaction_hash, d.amount_units::text, d.status, d.waiting_for, d.account, d.sweep_id,
      d.observed_at, d.confirmed_at FROM deposits d WHERE ${ITS_DEPOSITS} ORDER BY d.observed_at, d.id`),
    read(`SELECT s.id, s.chain, s.token, s.amount_units::text, s.status, s.attempts, s.settled_transaction_hash AS transaction_hash,
      s.created_at, s.swept_at FROM sweeps s WHERE s.deposit_address_id = :depositAddressId ORDER BY s.created_at, s.id`),
    read(`SELECT r.id, r.deposit_id, r.chain, r.token, r.amount_units::text, r.status, r.confirmed_by, r.transaction_hash,
      r.created_at, r.closed_at, CASE WHEN r.status = 'open' THEN coalesce(k.code, 'transaction') END AS waiting_for, k.reason, k.next_action
      FROM refunds r JOIN deposits d ON d.id = r.deposit_id LEFT JOIN parked_workflows k ON k.subject = 'refund/' || r.id
      WHERE ${ITS_REFUNDS} ORDER BY r.created_at, r.id`),
    read(`SELECT e.id, e.type, e.occurred_at, e.delivered_at, t.channel, t.attempt, t.outcome, t.detail, t.next_try_at
      FROM purchase_events e LEFT JOIN LATERAL (SELECT channel, attempt, outcome, detail, next_try_at FROM delivery_attempts
        WHERE event_id = e.id ORDER BY number DESC LIMIT 1) t ON true
      WHERE e.purchase_id = :purchaseId AND e.notify ORDER BY e.occurred_at DESC, e.id`),
    read(`SELECT w.subject, w.seq::text AS sequence, w.sent_seq::text AS sent, w.updated_at, w.attempts, w.last_error FROM wakes w
      WHERE w.subject IN ('purchase/' || :purchaseId, 'checkout/' || :checkoutId)
        OR w.subject IN (SELECT 'sweep/' || d.id FROM deposits d WHERE ${ITS_DEPOSITS})
        OR w.subject IN ${REFUND_SUBJECTS} ORDER BY w.subject`),
    read(`SELECT k.subject, k.step, k.phase, k.step_name, k.code, k.reason, k.next_action, k.since FROM parked_workflows k
      WHERE k.subject IN ('purchase/' || :purchaseId, 'checkout/' || :checkoutId)
        OR k.subject IN (SELECT 'sweep/' || d.id FROM deposits d WHERE ${ITS_DEPOSITS}) OR k.subject IN ${REFUND_SUBJECTS}
        OR k.subject IN (SELECT 'notice/' || e.id FROM purchase_events e WHERE e.purchase_id = :purchaseId) ORDER BY k.since`),
  ]);
  return { deposits, sweeps, refunds, notices, wakes, stuck };
}

/** What happened to a purchase, oldest first, from everything that is written down about it, after a cursor. */
export async function selectTimeline(
  database: Database,
  input: PurchaseScope & { readonly after: TimelineCursor | null; readonly limit: number },
): Promise<readonly TimelineLine[]> {
  const { rows } = await database.raw<{ rows: TimelineLine[] }>(
    `SELECT at, kind, what, ref, data FROM (
       SELECT date_trunc('milliseconds', e.occurred_at) AS at, 'event' AS kind, e.type AS what, e.id AS ref, e.data
       FROM purchase_events e WHERE e.purchase_id = :purchaseId
       UNION ALL SELECT date_trunc('milliseconds', a.acted_at), 'repair', 'repair.' || a.action, a.request_id,
         jsonb_build_object('actor', a.actor, 'note', a.note, 'outcome', a.outcome ->> 'text', 'subject', a.subject)
       FROM operator_actions a WHERE a.subject IN ('purchase/' || :purchaseId, 'checkout/' || :checkoutId)
         OR a.subject IN (SELECT 'sweep/' || d.id FROM deposits d WHERE ${ITS_DEPOSITS}) OR a.subject IN ${REFUND_SUBJECTS}
         OR a.subject IN (SELECT 'notice/' || e.id FROM purchase_events e WHERE e.purchase_id = :purchaseId)
       UNION ALL SELECT date_trunc('milliseconds', d.observed_at), 'deposit', 'deposit.observed', d.id,
         jsonb_build_object('chain', d.chain, 'transaction', d.transaction_hash, 'units', d.amount_units::text)
       FROM deposits d WHERE ${ITS_DEPOSITS}
       UNION ALL SELECT date_trunc('milliseconds', d.confirmed_at), 'deposit', 'deposit.' || d.status, d.id,
         jsonb_build_object('account', d.account, 'waiting_for', d.waiting_for)
       FROM deposits d WHERE ${ITS_DEPOSITS} AND d.confirmed_at IS NOT NULL
       UNION ALL SELECT date_trunc('milliseconds', s.created_at), 'sweep', 'sweep.begun', s.id,
         jsonb_build_object('chain', s.chain, 'units', s.amount_units::text)
       FROM sweeps s WHERE s.deposit_address_id = :depositAddressId
       UNION ALL SELECT date_trunc('milliseconds', s.swept_at), 'sweep', 'sweep.' || s.status, s.id,
         jsonb_build_object('transaction', s.settled_transaction_hash, 'attempts', s.attempts)
       FROM sweeps s WHERE s.deposit_address_id = :depositAddressId AND s.swept_at IS NOT NULL
       UNION ALL SELECT date_trunc('milliseconds', coalesce(r.closed_at, r.created_at)), 'refund', 'refund.' || r.status, r.id,
         jsonb_build_object('deposit', r.deposit_id, 'units', r.amount_units::text, 'asked_at', ${iso("r.created_at")})
       FROM refunds r JOIN deposits d ON d.id = r.deposit_id WHERE ${ITS_REFUNDS}
     ) happened
     WHERE :at::timestamptz IS NULL OR (at, what, ref) > (:at::timestamptz, :what, :ref)
     ORDER BY at, what, ref LIMIT :limit`,
    {
      purchaseId: input.purchaseId,
      checkoutId: input.checkoutId,
      depositAddressId: input.depositAddressId,
      at: input.after?.at ?? null,
      what: input.after?.what ?? "",
      ref: input.after?.ref ?? "",
      limit: input.limit,
    },
  );
  return rows;
}
