import { randomUUID } from "node:crypto";
import type { Database } from "../database/pool.ts";

/** What names one idempotent call. */
export type KeyIdentity = { readonly scope: string; readonly operationId: string; readonly key: string };

/** What claiming a key found. */
export type Claim =
  | { readonly kind: "claimed"; readonly claimId: string }
  | { readonly kind: "answered"; readonly status: number; readonly sealedAnswer: string }
  | { readonly kind: "running"; readonly retryAfterSeconds: number }
  | { readonly kind: "other-request" };

type Row = {
  readonly claim_id: string;
  readonly same_request: boolean;
  readonly status: number | null;
  readonly sealed_answer: string | null;
  readonly wait_seconds: number;
};

const CLAIM = `
  INSERT INTO idempotency_keys AS kept (scope, operation_id, key, request_hash, claim_id, expires_at)
  VALUES (:scope, :operationId, :key, :requestHash, :claimId, now() + make_interval(secs => :leaseSeconds))
  ON CONFLICT (scope, operation_id, key) DO UPDATE
    SET request_hash = excluded.request_hash, claim_id = excluded.claim_id, claimed_at = now(),
        expires_at = excluded.expires_at, status = NULL, sealed_answer = NULL
    WHERE kept.expires_at <= now() AND (kept.status IS NOT NULL OR kept.request_hash = excluded.request_hash)
  RETURNING claim_id`;

const READ = `
  SELECT claim_id, request_hash = :requestHash AS same_request, status, sealed_answer,
         ceil(greatest(1, extract(epoch FROM expires_at - now())))::int AS wait_seconds
  FROM idempotency_keys WHERE scope = :scope AND operation_id = :operationId AND key = :key`;

/**
 * Claims a key for one attempt, or says what stands there. One statement decides, so of two simultaneous requests one runs. A lapsed
 * claim is taken over only by the same request; an answer past its retention is forgotten.
 */
export async function claimKey(
  database: Database,
  input: KeyIdentity & { readonly requestHash: Buffer; readonly leaseSeconds: number },
): Promise<Claim> {
  const claimId = randomUUID();
  const taken = await database.raw<{ rows: unknown[] }>(CLAIM, { ...input, claimId });
  if (taken.rows.length > 0) return { kind: "claimed", claimId };
  const found = await database.raw<{ rows: Row[] }>(READ, { ...input });
  const [row] = found.rows;
  // Forgotten between the two statements: whoever held it is done and the caller may simply ask again.
  if (row === undefined) return { kind: "running", retryAfterSeconds: 1 };
  if (!row.same_request) return { kind: "other-request" };
  if (row.status !== null && row.sealed_answer !== null) {
    return { kind: "answered", status: row.status, sealedAnswer: row.sealed_answer };
  }
  return { kind: "running", retryAfterSeconds: Math.min(row.wait_seconds, 5) };
}

/** Keeps the answer for `retentionSeconds`. Does nothing when the claim was taken over meanwhile. */
export async function keepAnswer(
  database: Database,
  input: KeyIdentity & {
    readonly claimId: string;
    readonly status: number;
    readonly sealedAnswer: string;
    readonly retentionSeconds: number;
  },
): Promise<void> {
  await database.raw(
    `UPDATE idempotency_keys
     SET status = :status, sealed_answer = :sealedAnswer, expires_at = now() + make_interval(secs => :retentionSeconds)
     WHERE scope = :scope AND operation_id = :operationId AND key = :key AND claim_id = :claimId`,
    { ...input },
  );
}

/** Frees the key of an attempt that changed nothing. */
export async function forgetClaim(
  database: Database,
  input: KeyIdentity & { readonly claimId: string },
): Promise<void> {
  await database.raw(
    `DELETE FROM idempotency_keys
     WHERE scope = :scope AND operation_id = :operationId AND key = :key AND claim_id = :claimId AND status IS NULL`,
    { ...input },
  );
}

/** Deletes answers past their retention, at most `limit`, oldest first; lapsed claims a day after. Returns how many went. */
export async function purgeAnswers(database: Database, limit: number): Promise<number> {
  const deleted = await database.raw<{ rowCount: number }>(
    `DELETE FROM idempotency_keys WHERE ctid IN (
       SELECT ctid FROM idempotency_keys
       WHERE expires_at <= now() - CASE WHEN status IS NULL THEN interval '1 day' ELSE interval '0' END
       ORDER BY expires_at LIMIT :limit FOR UPDATE SKIP LOCKED)`,
    { limit },
  );
  return deleted.rowCount;
}
