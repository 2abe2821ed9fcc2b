import type { Database } from "../../platform/database/pool.ts";

/**
 * The ways somebody is told. `officex` is the purchase's record in the buyer's organisation, `officex_inbox` the notice beside it;
 * `merchant_webhook` goes to the address a merchant set.
 */
export const CHANNELS = ["webhook", "officex", "officex_inbox", "email", "merchant_webhook"] as const;

/** One of {@link CHANNELS}. */
export type Channel = (typeof CHANNELS)[number];

/**
 * One attempt as it went. `destination` is a host, `outcome` a snake_case code, `status` what an HTTP or SMTP server answered, `detail`
 * our own words. `nextTryAt` is null when nothing more is tried.
 */
export type DeliveryAttempt = {
  readonly number: string;
  readonly eventId: string;
  readonly channel: Channel;
  readonly attempt: number;
  readonly destination: string | null;
  readonly outcome: string;
  readonly status: number | null;
  readonly detail: string | null;
  readonly durationMilliseconds: number;
  readonly attemptedAt: Date;
  readonly nextTryAt: Date | null;
};

/** What {@link insertAttempt} writes; number and time are the database's. */
export type NewAttempt = Omit<DeliveryAttempt, "number" | "attemptedAt">;

const COLUMNS = `number, event_id AS "eventId", channel, attempt, destination, outcome, status, detail,
  duration_milliseconds AS "durationMilliseconds", attempted_at AS "attemptedAt", next_try_at AS "nextTryAt"`;

/** Adds one line to the log. Nobody can change it, nor remove it within 90 days. */
export async function insertAttempt(database: Database, attempt: NewAttempt): Promise<void> {
  await database("delivery_attempts").insert({
    event_id: attempt.eventId,
    channel: attempt.channel,
    attempt: attempt.attempt,
    destination: attempt.destination,
    outcome: attempt.outcome,
    status: attempt.status,
    detail: attempt.detail,
    duration_milliseconds: attempt.durationMilliseconds,
    next_try_at: attempt.nextTryAt,
  });
}

/** The last line about an event on a channel; null when there is none yet. */
export async function findLastAttempt(
  database: Database,
  about: { readonly eventId: string; readonly channel: Channel },
): Promise<DeliveryAttempt | null> {
  const result: { rows: DeliveryAttempt[] } = await database.raw(
    `SELECT ${COLUMNS} FROM delivery_attempts WHERE event_id = :eventId AND channel = :channel ORDER BY number DESC LIMIT 1`,
    about,
  );
  return result.rows[0] ?? null;
}

/** The newest lines first, of one event, one purchase or everything, at most `limit`. */
export async function listAttempts(
  database: Database,
  filter: {
    readonly eventId?: string | undefined;
    readonly purchaseId?: string | undefined;
    readonly channel?: string | undefined;
    readonly limit: number;
  },
): Promise<readonly DeliveryAttempt[]> {
  const result: { rows: DeliveryAttempt[] } = await database.raw(
    `SELECT ${COLUMNS} FROM delivery_attempts
     WHERE (:eventId::text IS NULL OR event_id = :eventId) AND (:channel::text IS NULL OR channel = :channel)
       AND (:purchaseId::text IS NULL OR event_id IN (SELECT id FROM purchase_events WHERE purchase_id = :purchaseId))
     ORDER BY number DESC LIMIT :limit`,
    {
      eventId: filter.eventId ?? null,
      purchaseId: filter.purchaseId ?? null,
      channel: filter.channel ?? null,
      limit: filter.limit,
    },
  );
  return result.rows;
}

/**
 * Deletes up to `limit` lines older than 90 days, oldest first. The last line of a delivery that is still being tried stays, however old
 * it is. Answers how many.
 */
export async function purgeAttempts(database: Database, limit: number): Promise<number> {
  const deleted = await database.raw<{ rowCount: number }>(
    `DELETE FROM delivery_attempts WHERE number IN (
       SELECT a.number FROM delivery_attempts a WHERE a.attempted_at < now() - interval '90 days'
         AND (a.next_try_at IS NULL OR EXISTS (SELECT FROM delivery_attempts later
           WHERE later.event_id = a.event_id AND later.channel = a.channel AND later.number > a.number))
       ORDER BY a.attempted_at LIMIT ? FOR UPDATE OF a SKIP LOCKED)`,
    [limit],
  );
  return deleted.rowCount;
}
