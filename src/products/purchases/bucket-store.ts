import type { Database } from "../../platform/database/pool.ts";

/** What was provisioned for an `s3_bucket` purchase. Credentials are sealed; nothing else here is secret. */
export type BucketRecord = {
  readonly purchaseId: string;
  readonly bucket: string;
  readonly userName: string;
  readonly region: string;
  readonly endpoint: string;
  readonly credentialsSealed: string | null;
  readonly revokedAt: Date | null;
  /** When it was last found empty. */
  readonly emptiedAt: Date | null;
  readonly deletedAt: Date | null;
  /** At least so many versions, markers and unfinished uploads were removed. */
  readonly versionsDeleted: bigint;
};

type BucketRow = {
  purchase_id: string;
  bucket: string;
  user_name: string;
  region: string;
  endpoint: string;
  credentials_sealed: string | null;
  revoked_at: Date | null;
  emptied_at: Date | null;
  deleted_at: Date | null;
  versions_deleted: string;
};

/** Notes the bucket a purchase will have, before it is made: after a crash we know what may exist. The second call changes nothing. */
export async function reserveBucket(
  database: Database,
  record: Pick<BucketRecord, "purchaseId" | "bucket" | "userName" | "region" | "endpoint">,
): Promise<void> {
  await database("purchase_buckets")
    .insert({
      purchase_id: record.purchaseId,
      bucket: record.bucket,
      user_name: record.userName,
      region: record.region,
      endpoint: record.endpoint,
    })
    .onConflict("purchase_id")
    .ignore();
}

/** The purchase's bucket; null before provisioning began. */
export async function findBucket(database: Database, purchaseId: string): Promise<BucketRecord | null> {
  const row = await database<BucketRow>("purchase_buckets").where("purchase_id", purchaseId).first();
  if (row === undefined) return null;
  return {
    purchaseId: row.purchase_id,
    bucket: row.bucket,
    userName: row.user_name,
    region: row.region,
    endpoint: row.endpoint,
    credentialsSealed: row.credentials_sealed,
    revokedAt: row.revoked_at,
    emptiedAt: row.emptied_at,
    deletedAt: row.deleted_at,
    versionsDeleted: BigInt(row.versions_deleted),
  };
}

/** Stores the sealed credentials of the bucket's one user. */
export async function saveBucketCredentials(
  database: Database,
  input: { readonly purchaseId: string; readonly credentialsSealed: string },
): Promise<void> {
  await database("purchase_buckets")
    .where("purchase_id", input.purchaseId)
    .update({ credentials_sealed: input.credentialsSealed, granted_at: database.fn.now() });
}

/** Notes that access is gone and forgets the sealed credentials. */
export async function markBucketRevoked(database: Database, purchaseId: string): Promise<void> {
  await database("purchase_buckets")
    .where("purchase_id", purchaseId)
    .update({ credentials_sealed: null, revoked_at: database.raw("coalesce(revoked_at, now())") });
}

/**
 * Adds what one page of emptying removed: versions, markers and unfinished uploads. A kill between the store's answer and this loses
 * that page's count and nothing counts twice, so the sum says "at least".
 */
export async function addVersionsDeleted(
  database: Database,
  input: { readonly purchaseId: string; readonly removed: number },
): Promise<void> {
  await database("purchase_buckets")
    .where("purchase_id", input.purchaseId)
    .update({ versions_deleted: database.raw("versions_deleted + ?", [input.removed]) });
}

/** Notes that nothing is left in the bucket. */
export async function markBucketEmptied(database: Database, purchaseId: string): Promise<void> {
  await database("purchase_buckets").where("purchase_id", purchaseId).update({ emptied_at: database.fn.now() });
}

/** Notes that the bucket itself is gone. */
export async function markBucketDeleted(database: Database, purchaseId: string): Promise<void> {
  await database("purchase_buckets")
    .where("purchase_id", purchaseId)
    .update({ deleted_at: database.raw("coalesce(deleted_at, now())") });
}

/** Puts another user and its sealed credentials in place of the bucket's former ones. */
export async function replaceBucketCredentials(
  database: Database,
  input: { readonly purchaseId: string; readonly userName: string; readonly credentialsSealed: string },
): Promise<void> {
  await database("purchase_buckets").where("purchase_id", input.purchaseId).update({
    user_name: input.userName,
    credentials_sealed: input.credentialsSealed,
    granted_at: database.fn.now(),
  });
}
