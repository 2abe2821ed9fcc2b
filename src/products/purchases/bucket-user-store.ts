import type { Database } from "../../platform/database/pool.ts";

/**
 * A storage user of a purchase. `wanted` may or may not exist yet; `current` is the one whose credentials are shown; `retiring` works
 * till `revokeAt`. A purchase that never rotated has no row: its one user is in its bucket's record.
 */
export type BucketUserRecord = {
  readonly generation: number;
  readonly userName: string;
  readonly status: "wanted" | "current" | "retiring" | "revoked";
  readonly overlapSeconds: number;
  readonly revokeAt: Date | null;
};

type Row = {
  generation: number;
  user_name: string;
  status: BucketUserRecord["status"];
  overlap_seconds: number;
  revoke_at: Date | null;
};

/** Every user a purchase has had since its first rotation, oldest first. */
export async function listBucketUsers(database: Database, purchaseId: string): Promise<readonly BucketUserRecord[]> {
  const rows: Row[] = await database("bucket_users").where({ purchase_id: purchaseId }).orderBy("generation");
  return rows.map((row) => ({
    generation: row.generation,
    userName: row.user_name,
    status: row.status,
    overlapSeconds: row.overlap_seconds,
    revokeAt: row.revoke_at,
  }));
}

/** Writes a user down: the first as `current`, as it is, every later one as `wanted`, before anybody makes it. */
export async function insertBucketUser(
  database: Database,
  input: Pick<BucketUserRecord, "generation" | "userName" | "overlapSeconds"> & {
    readonly purchaseId: string;
    readonly status: "wanted" | "current";
  },
): Promise<void> {
  await database("bucket_users").insert({
    purchase_id: input.purchaseId,
    generation: input.generation,
    user_name: input.userName,
    status: input.status,
    overlap_seconds: input.overlapSeconds,
  });
}

/** A rotation that is wanted already and asked for again keeps the shorter overlap. */
export async function shortenOverlap(
  database: Database,
  input: { readonly purchaseId: string; readonly overlapSeconds: number },
): Promise<void> {
  await database("bucket_users")
    .where({ purchase_id: input.purchaseId, status: "wanted" })
    .update({ overlap_seconds: database.raw("least(overlap_seconds, ?)", [input.overlapSeconds]) });
}

/** The wanted user is the current one from now on; those before it end after its overlap, or sooner if they were to. */
export async function promoteBucketUser(
  database: Database,
  input: { readonly purchaseId: string; readonly generation: number },
): Promise<void> {
  await database.raw(
    `UPDATE bucket_users SET status = 'retiring', revoke_at = least(revoke_at, now() + make_interval(secs => (
       SELECT overlap_seconds FROM bucket_users WHERE purchase_id = :purchaseId AND generation = :generation)))
     WHERE purchase_id = :purchaseId AND status IN ('current', 'retiring')`,
    input,
  );
  await database("bucket_users")
    .where({ purchase_id: input.purchaseId, generation: input.generation, status: "wanted" })
    .update({ status: "current", granted_at: database.fn.now() });
}

/** Notes that a user is gone. */
export async function markUserRevoked(
  database: Database,
  input: { readonly purchaseId: string; readonly generation: number },
): Promise<void> {
  await database("bucket_users")
    .where({ purchase_id: input.purchaseId, generation: input.generation })
    .whereNot({ status: "revoked" })
    .update({ status: "revoked", revoked_at: database.fn.now() });
}
