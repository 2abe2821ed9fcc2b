import type { Database } from "../../../platform/database/pool.ts";
import { newId } from "../../../platform/ids.ts";

/** Something past its limit: `subject` is its workflow id (or `deposit/<id>`), `reason` a code, `detail` what is known in words. */
export type StuckItem = {
  readonly id: string;
  readonly subject: string;
  readonly kind: string;
  readonly since: Date;
  readonly reason: string;
  readonly detail: string | null;
  readonly nextAction: string;
  readonly foundAt: Date;
};

/** What a look found, before it is written down. */
export type FoundStuck = Pick<StuckItem, "subject" | "kind" | "since" | "reason" | "detail">;

/** Of each kind at most so many are named in one look, the oldest first. */
const MOST = 500;

/**
 * One look per kind: subject, since, the reason of its own if it has one, and words. A limit is `:kind` seconds. What a parked workflow
 * said of itself goes before.
 */
export type StuckLooks = Readonly<Record<string, string>>;

const LOOKS: StuckLooks = {
  purchase_provisioning: purchasesIn("provisioning", "p.status_since"),
  purchase_grace: purchasesIn("grace", "p.grace_ends_at"),
  purchase_terminating: purchasesIn("terminating", "p.status_since"),
  purchase_refunding: purchasesIn("refunding", "p.status_since"),
  purchase_stuck: purchasesIn("stuck", "p.status_since"),
  checkout_unmoved: `SELECT 'checkout/' || c.id AS subject, max(d.confirmed_at) AS since, NULL AS reason, NULL AS detail
    FROM checkouts c JOIN ledger_accounts a ON a.name = 'purchase/' || c.purchase_id JOIN balances b ON b.account_id = a.id
    JOIN deposits d ON d.deposit_address_id = c.deposit_address_id AND d.status = 'confirmed'
    WHERE c.status IN ('awaiting_deposit', 'expired') AND b.balance >= c.minimum_nanodollars GROUP BY c.id`,
  checkout_paid: `SELECT 'checkout/' || c.id AS subject, max(d.confirmed_at) AS since, 'not_finalized' AS reason,
      'Paid, and never finalized by the customer.' AS detail
    FROM checkouts c JOIN deposits d ON d.deposit_address_id = c.deposit_address_id AND d.status = 'confirmed'
    WHERE c.status = 'paid' GROUP BY c.id`,
  sweep: `SELECT 'sweep/' || min(d.id) AS subject, s.created_at AS since,
      CASE WHEN (SELECT g.level FROM gas_tank_readings g WHERE g.chain = s.chain ORDER BY g.id DESC LIMIT 1) = 'empty'
        THEN 'gas_tank_empty' END AS reason, 'Sweep ' || s.id || ' of ' || s.amount_units || ' base units on ' || s.chain || '.' AS detail
    FROM sweeps s JOIN deposits d ON d.sweep_id = s.id WHERE s.status = 'open' GROUP BY s.id`,
  refund: `SELECT 'refund/' || r.id AS subject, r.created_at AS since, NULL AS reason,
      r.amount_units || ' base units to ' || r.destination || ' on ' || r.chain || '.' AS detail FROM refunds r WHERE r.status = 'open'`,
  deposit_observed: `SELECT 'deposit/' || d.id AS subject, d.observed_at AS since, d.waiting_for AS reason,
      d.amount_units || ' base units in ' || d.transaction_hash || ' on ' || d.chain || '.' AS detail
    FROM deposits d WHERE d.status = 'observed'`,
  notice: `SELECT 'notice/' || e.id AS subject, e.occurred_at AS since, 'notice_not_taken' AS reason, e.type AS detail
    FROM purchase_events e WHERE e.notify AND e.delivered_at IS NULL AND (SELECT t.next_try_at IS NOT NULL
      FROM delivery_attempts t WHERE t.event_id = e.id AND t.channel = 'webhook' ORDER BY t.number DESC LIMIT 1)`,
  wake: `SELECT w.subject, least(w.updated_at, CASE WHEN w.attempts > 9 THEN w.updated_at - make_interval(secs => :wake) ELSE w.updated_at END) AS since,
      CASE WHEN w.last_error IS NOT NULL THEN 'wake_not_sent' END AS reason, w.last_error AS detail
    FROM wakes w WHERE w.seq > w.sent_seq`,
  chain_unread: `SELECT 'watch-chain/' || c.chain AS subject, c.scanned_at AS since, 'chain_not_read' AS reason,
      'Read to block ' || c.scanned_to || '.' AS detail FROM chain_cursors c`,
  parked: "SELECT w.subject, w.since, w.code AS reason, w.reason AS detail FROM parked_workflows w",
};

/**
 * Everything past its limit, with the reason that is known; `no_progress` where none is. `more` are other rooms' looks, of kinds that have
 * a limit here. Read in one statement.
 */
export async function selectStuck(
  database: Database,
  limits: Readonly<Record<string, { readonly seconds: number }>>,
  more: StuckLooks = {},
): Promise<readonly FoundStuck[]> {
  const looks = Object.entries({ ...LOOKS, ...more }).map(
    ([kind, look]) =>
      `(SELECT '${kind}' AS kind, l.* FROM (${look}) l WHERE l.since <= now() - make_interval(secs => :${kind}) ORDER BY l.since LIMIT ${MOST})`,
  );
  const { rows } = await database.raw<{ rows: FoundStuck[] }>(
    `SELECT f.subject, f.kind, f.since, coalesce(w.code, f.reason, CASE WHEN o.seq > o.sent_seq THEN 'wake_not_sent' END, 'no_progress') AS reason,
       coalesce(w.reason, f.detail, o.last_error) AS detail
     FROM (${looks.join(" UNION ALL ")}) f
     LEFT JOIN parked_workflows w ON w.subject = f.subject LEFT JOIN wakes o ON o.subject = f.subject`,
    Object.fromEntries(Object.entries(limits).map(([kind, { seconds }]) => [kind, seconds])),
  );
  return rows;
}

/**
 * Writes down what is stuck and closes what is not any more, in the caller's transaction. `alert` is the subject under which what is new
 * is told. Answers what is new.
 */
export async function replaceStuck(
  transaction: Database,
  input: { readonly found: readonly (FoundStuck & { readonly nextAction: string })[]; readonly alert: string },
): Promise<readonly FoundStuck[]> {
  const rows = JSON.stringify(
    input.found.map(({ nextAction, ...item }) => ({ ...item, id: newId("stk"), next_action: nextAction })),
  );
  const shape = "(id text, subject text, kind text, since timestamptz, reason text, detail text, next_action text)";
  await transaction.raw(
    `UPDATE stuck_items s SET resolved_at = now() WHERE s.resolved_at IS NULL
       AND NOT EXISTS (SELECT FROM jsonb_to_recordset(:rows::jsonb) AS f${shape} WHERE f.subject = s.subject AND f.kind = s.kind)`,
    { rows },
  );
  const written = await transaction.raw<{ rows: (FoundStuck & { readonly fresh: boolean })[] }>(
    `INSERT INTO stuck_items AS s (id, subject, kind, since, reason, detail, next_action, alert)
     SELECT f.id, f.subject, f.kind, f.since, f.reason, f.detail, f.next_action, :alert
     FROM jsonb_to_recordset(:rows::jsonb) AS f${shape} ORDER BY f.subject, f.kind
     ON CONFLICT (subject, kind) WHERE resolved_at IS NULL
       DO UPDATE SET reason = excluded.reason, detail = excluded.detail, next_action = excluded.next_action
     RETURNING s.subject, s.kind, s.since, s.reason, s.detail, s.xmax = 0 AS fresh`,
    { rows, alert: input.alert },
  );
  return written.rows.filter(({ fresh }) => fresh);
}

/** Alerts that told of stuck things, all of which move again. */
export async function listSettledAlerts(transaction: Database): Promise<readonly string[]> {
  const { rows } = await transaction.raw<{ rows: { subject: string }[] }>(
    `SELECT o.subject FROM operator_alerts o WHERE o.code = 'stuck' AND o.resolved_at IS NULL
       AND NOT EXISTS (SELECT FROM stuck_items s WHERE s.alert = o.subject AND s.resolved_at IS NULL)`,
  );
  return rows.map(({ subject }) => subject);
}

/** Up to `limit` open items after `after` (an id; "" for the first page), in the order they were found; of one kind when it is given. */
export async function selectOpenStuck(
  database: Database,
  input: { readonly after: string; readonly limit: number; readonly kind?: string | undefined },
): Promise<readonly StuckItem[]> {
  const { rows } = await database.raw<{ rows: StuckItem[] }>(
    `SELECT id, subject, kind, since, reason, detail, next_action AS "nextAction", found_at AS "foundAt" FROM stuck_items
     WHERE resolved_at IS NULL AND id > :after AND (:kind::text IS NULL OR kind = :kind) ORDER BY id LIMIT :limit`,
    { ...input, kind: input.kind ?? null },
  );
  return rows;
}

/** How many open items there are of each kind that has some. */
export async function countStuck(
  database: Database,
): Promise<readonly { readonly kind: string; readonly count: number }[]> {
  const { rows } = await database.raw<{ rows: { kind: string; count: string }[] }>(
    "SELECT kind, count(*) AS count FROM stuck_items WHERE resolved_at IS NULL GROUP BY kind",
  );
  return rows.map(({ kind, count }) => ({ kind, count: Number(count) }));
}

/** Deletes up to `limit` items that have moved again for 90 days, oldest first. Answers how many. */
export async function purgeStuck(database: Database, limit: number): Promise<number> {
  const deleted = await database.raw<{ rowCount: number }>(
    `DELETE FROM stuck_items WHERE id IN (
       SELECT id FROM stuck_items WHERE resolved_at < now() - interval '90 days' ORDER BY resolved_at
       LIMIT ? FOR UPDATE SKIP LOCKED)`,
    [limit],
  );
  return deleted.rowCount;
}

function purchasesIn(status: string, since: string): string {
  return `SELECT 'purchase/' || p.id AS subject, ${since} AS since, NULL AS reason, NULL AS detail FROM purchases p WHERE p.status = '${status}'`;
}
