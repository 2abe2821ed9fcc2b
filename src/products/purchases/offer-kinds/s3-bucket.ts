import type { Knex } from "knex";
import { bucketName } from "../../../integrations/aws/bucket-name.ts";
import { tagBucket } from "../../../integrations/aws/bucket-ownership.ts";
import {
  blockPublicAccess,
  dropAbandonedUploads,
  encryptByDefault,
  enforceBucketOwner,
} from "../../../integrations/aws/bucket-protection.ts";
import { allowBrowserAccess, createBucket, deleteBucket } from "../../../integrations/aws/buckets.ts";
import { type EmptyingProgress, emptyBucket } from "../../../integrations/aws/empty-bucket.ts";
import { BucketNotEmpty, ObjectLocked } from "../../../integrations/aws/errors.ts";
import type { Storage } from "../../../integrations/aws/storage.ts";
import type { MasterKey } from "../../../platform/secrets.ts";
import { deriveKey } from "../../../platform/secrets.ts";
import type { BucketRecord } from "../bucket-store.ts";
import {
  addVersionsDeleted,
  findBucket,
  markBucketDeleted,
  markBucketEmptied,
  markBucketRevoked,
  reserveBucket,
  saveBucketCredentials,
} from "../bucket-store.ts";
import { listBucketUsers } from "../bucket-user-store.ts";
import { sealCredentials } from "../credentials.ts";
import { announce } from "../notices/announce.ts";
import { isLiving, revokeAll } from "../rotate-credentials.ts";
import type { OfferKind, StepInput } from "./offer-kind.ts";

/** What the bucket steps need: the store, its users, the database, and the key secrets are sealed with. */
export type BucketStepNeeds = { readonly database: Knex; readonly storage: Storage; readonly masterKey: MasterKey };

/**
 * An S3 bucket of the customer's own. Provisioning makes it private before anybody has a key to it; termination takes the key away
 * before anything is deleted, so nothing new can be written meanwhile. Suspended it can be read, listed and emptied by its owner, who
 * may always make it cheaper, but not written; the credentials stay the same. Source: seed 000, "Amazon S3 Billing" and "Empty S3 Bucket".
 */
export const s3Bucket: OfferKind<BucketStepNeeds> = {
  kind: "s3_bucket",
  provision: [
    { name: "create_bucket", summary: "Create the bucket", run: makeBucket },
    { name: "protect_bucket", summary: "Tag the bucket and block public access", run: protectBucket },
    { name: "grant_access", summary: "Create the customer's credentials", run: grantAccess },
  ],
  suspend: [{ name: "restrict_access", summary: "Leave the customer's credentials the right to read", run: readOnly }],
  resume: [
    { name: "restore_access", summary: "Give the customer's credentials their full rights again", run: fullRights },
  ],
  terminate: [
    { name: "revoke_access", summary: "Revoke the customer's credentials", run: revokeAccess },
    {
      name: "empty_bucket",
      summary: "Delete every object, version, marker and unfinished upload",
      long: true,
      run: removeContents,
    },
    { name: "delete_bucket", summary: "Delete the bucket", run: removeBucket },
  ],
};

async function makeBucket(needs: BucketStepNeeds, { purchaseId }: StepInput): Promise<void> {
  const name = bucketName(purchaseId);
  const { region, endpoint } = needs.storage;
  await reserveBucket(needs.database, { purchaseId, bucket: name, userName: name, region, endpoint });
  await createBucket(needs.storage, { bucket: name, purchaseId });
  await tagBucket(needs.storage, { bucket: name, purchaseId });
}

async function protectBucket(needs: BucketStepNeeds, { purchaseId }: StepInput): Promise<void> {
  const { bucket } = await readRecord(needs, purchaseId);
  const target = { bucket, purchaseId };
  await tagBucket(needs.storage, target);
  await enforceBucketOwner(needs.storage, target);
  await blockPublicAccess(needs.storage, target);
  await allowBrowserAccess(needs.storage, target);
  await encryptByDefault(needs.storage, target);
  await dropAbandonedUploads(needs.storage, target);
}

async function grantAccess(needs: BucketStepNeeds, { purchaseId }: StepInput): Promise<void> {
  const record = await readRecord(needs, purchaseId);
  if (record.credentialsSealed !== null) return;
  const secretAccessKey = deriveKey(needs.masterKey, "bucket-user-secret", purchaseId).toString("base64url");
  const keys = await needs.storage.access.grant({
    bucket: record.bucket,
    purchaseId,
    userName: record.userName,
    secretAccessKey,
  });
  await saveBucketCredentials(needs.database, {
    purchaseId,
    credentialsSealed: sealCredentials(needs.masterKey, keys),
  });
}

function readOnly(needs: BucketStepNeeds, input: StepInput): Promise<void> {
  return setRights(needs, input, "read_only");
}

function fullRights(needs: BucketStepNeeds, input: StepInput): Promise<void> {
  return setRights(needs, input, "full");
}

/** Of every user there is: during a rotation's overlap there are two. */
async function setRights(
  needs: BucketStepNeeds,
  { purchaseId }: StepInput,
  rights: "full" | "read_only",
): Promise<void> {
  const { bucket, userName } = await readRecord(needs, purchaseId);
  const users = await listBucketUsers(needs.database, purchaseId);
  const names = [...new Set([userName, ...users.filter(isLiving).map((user) => user.userName)])];
  for (const name of names) {
    const others = names.filter((other) => other !== name);
    await needs.storage.access.setRights({ bucket, purchaseId, userName: name, others, rights });
  }
}

async function revokeAccess(needs: BucketStepNeeds, { purchaseId }: StepInput): Promise<void> {
  const bucket = await findBucket(needs.database, purchaseId);
  if (bucket === null) return;
  await revokeAll(needs, { purchaseId, bucket, users: await listBucketUsers(needs.database, purchaseId) });
  await markBucketRevoked(needs.database, purchaseId);
}

/** The count is kept in the row page by page: heartbeats are sent too seldom to carry it over a kill. */
async function removeContents(needs: BucketStepNeeds, { purchaseId, heartbeat, signal }: StepInput): Promise<void> {
  const record = await findBucket(needs.database, purchaseId);
  if (record === null) return;
  const before = Number(record.versionsDeleted);
  const result = await emptyBucket(needs.storage, {
    bucket: record.bucket,
    purchaseId,
    signal,
    onProgress: (now) => heartbeat({ handled: before + total(now) }),
    keepCount: (removed) => addVersionsDeleted(needs.database, { purchaseId, removed: total(removed) }),
  }).catch(async (error: unknown) => {
    if (error instanceof ObjectLocked) await tellLocked(needs, purchaseId, error);
    throw error;
  });
  if (!result.done) throw new Error("emptying was interrupted; the next attempt goes on");
  await markBucketEmptied(needs.database, purchaseId);
}

function total({ versions, markers, uploads }: EmptyingProgress): number {
  return versions + markers + uploads;
}

/** Locks are the customer's doing and nobody else can lift them: told once per date, while the purchase waits. */
async function tellLocked(needs: BucketStepNeeds, purchaseId: string, { members }: ObjectLocked): Promise<void> {
  const retainUntil = typeof members.retainUntil === "string" ? members.retainUntil : "";
  const holds = typeof members.legalHolds === "number" ? members.legalHolds : 0;
  const locked = typeof members.lockedObjects === "number" ? members.lockedObjects : 0;
  await needs.database.transaction((transaction) =>
    announce(transaction, {
      purchaseId,
      type: "purchase.deletion_blocked",
      key: `object-locked:${retainUntil}:${holds > 0}`,
      data: {
        locked_objects: locked,
        legal_holds: holds,
        ...(retainUntil === "" ? {} : { retain_until: retainUntil }),
      },
    }),
  );
}

/** An upload that began before access was revoked may end after the bucket was found empty: then it is emptied once more. */
async function removeBucket(needs: BucketStepNeeds, input: StepInput): Promise<void> {
  const { purchaseId } = input;
  const record = await findBucket(needs.database, purchaseId);
  if (record === null) return;
  const target = { bucket: record.bucket, purchaseId };
  await deleteBucket(needs.storage, target).catch(async (error: unknown) => {
    // Never found empty: an operator left the emptying out, and what is in there stays.
    if (!(error instanceof BucketNotEmpty) || record.emptiedAt === null) throw error;
    await removeContents(needs, input);
    await deleteBucket(needs.storage, target);
  });
  await markBucketDeleted(needs.database, purchaseId);
}

async function readRecord(needs: BucketStepNeeds, purchaseId: string): Promise<BucketRecord> {
  const record = await findBucket(needs.database, purchaseId);
  if (record === null) throw new Error("the bucket step before this one has not run");
  return record;
}
