import type { Knex } from "knex";
import type { Storage } from "../../integrations/aws/storage.ts";
import type { Clock } from "../../platform/clock.ts";
import type { MasterKey } from "../../platform/secrets.ts";
import { deriveKey } from "../../platform/secrets.ts";
import type { BucketRecord } from "./bucket-store.ts";
import { findBucket, replaceBucketCredentials } from "./bucket-store.ts";
import type { BucketUserRecord } from "./bucket-user-store.ts";
import { listBucketUsers, markUserRevoked, promoteBucketUser } from "./bucket-user-store.ts";
import { sealCredentials } from "./credentials.ts";
import { isEnding } from "./lifecycle.ts";
import { announce } from "./notices/announce.ts";
import { findPurchase } from "./purchase-store.ts";

/** What rotating needs. Only a worker has `storage`. */
export type RotationNeeds = {
  readonly database: Knex;
  readonly storage: Pick<Storage, "access">;
  readonly masterKey: MasterKey;
  readonly clock: Clock;
};

/** What the workflow does next: look again at once, wait till an overlap ends, or end. */
export type RotationView = {
  readonly status: string;
  readonly next: "again" | "wait" | "done";
  readonly deadline: string | null;
  readonly details: string;
};

type Place = {
  readonly purchaseId: string;
  readonly bucket: BucketRecord;
  readonly users: readonly BucketUserRecord[];
};

/**
 * One step of a purchase's rotation, decided by what is written down: makes the user that is wanted, or ends those whose overlap is
 * over. Every line may be its last: the next run finishes the job. A purchase that is ending loses every user instead.
 */
export async function rotateCredentials(
  needs: RotationNeeds,
  input: { readonly purchaseId: string },
): Promise<RotationView> {
  const { purchaseId } = input;
  const [purchase, bucket, users] = await Promise.all([
    findPurchase(needs.database, purchaseId),
    findBucket(needs.database, purchaseId),
    listBucketUsers(needs.database, purchaseId),
  ]);
  if (purchase === null || bucket === null) return done("Nothing to rotate.");
  const place = { purchaseId, bucket, users };
  if (isEnding(purchase.status)) {
    await revokeAll(needs, place);
    return done("The purchase is ending; all its credentials are revoked.");
  }
  const wanted = users.find(({ status }) => status === "wanted");
  if (wanted !== undefined) return makeWanted(needs, place, { wanted, rights: purchase.access });
  return endRetiring(needs, place, purchase.access);
}

async function makeWanted(
  needs: RotationNeeds,
  { purchaseId, bucket, users }: Place,
  { wanted, rights }: { readonly wanted: BucketUserRecord; readonly rights: "full" | "read_only" },
): Promise<RotationView> {
  const { generation, userName } = wanted;
  const secretAccessKey = deriveKey(needs.masterKey, "bucket-user-secret", `${purchaseId}:${generation}`);
  const keys = await needs.storage.access.grant({
    ...{ bucket: bucket.bucket, purchaseId, userName, rights },
    secretAccessKey: secretAccessKey.toString("base64url"),
    others: users.filter(isLiving).map((user) => user.userName),
  });
  const isKept = await needs.database.transaction(async (transaction) => {
    const now = await findPurchase(transaction, purchaseId, { lock: true });
    // What happened to the purchase meanwhile decides: the next look revokes the user, or makes it again with the right rights.
    if (now === null || isEnding(now.status) || now.access !== rights) return false;
    await promoteBucketUser(transaction, { purchaseId, generation });
    const credentialsSealed = sealCredentials(needs.masterKey, keys);
    await replaceBucketCredentials(transaction, { purchaseId, userName, credentialsSealed });
    const type = "purchase.credentials_rotated";
    await announce(transaction, { purchaseId, type, key: `credentials:${generation}`, data: { generation } });
    return true;
  });
  const details = isKept ? `Credentials number ${generation} are in place.` : "The purchase changed meanwhile.";
  return { status: "rotating", next: "again", deadline: null, details };
}

async function endRetiring(needs: RotationNeeds, place: Place, rights: "full" | "read_only"): Promise<RotationView> {
  const { purchaseId, bucket, users } = place;
  const now = needs.clock.now();
  const retiring = users.filter(({ status }) => status === "retiring");
  const due = retiring.filter(({ revokeAt }) => revokeAt !== null && revokeAt.getTime() <= now);
  const staying = users.filter(isLiving).filter((user) => !due.includes(user));
  const others = staying.map((user) => user.userName);
  for (const { generation, userName } of due) {
    await needs.storage.access.revoke({ bucket: bucket.bucket, purchaseId, userName, others, rights });
    await markUserRevoked(needs.database, { purchaseId, generation });
  }
  if (due.length > 0) await keepRights(needs, place, { others, rights });
  if (due.length > 0) return { status: "rotating", next: "again", deadline: null, details: "Old credentials ended." };
  const times = retiring.flatMap(({ revokeAt }) => (revokeAt === null ? [] : [revokeAt.getTime()]));
  if (times.length === 0) return done("Only the newest credentials work.");
  const deadline = new Date(Math.min(...times)).toISOString();
  return { status: "overlap", next: "wait", deadline, details: `Old credentials work until ${deadline}.` };
}

/** A suspension or its end that fell between reading the rights and writing them is written again. */
async function keepRights(
  needs: RotationNeeds,
  { purchaseId, bucket }: Place,
  written: { readonly others: readonly string[]; readonly rights: "full" | "read_only" },
): Promise<void> {
  const now = await findPurchase(needs.database, purchaseId);
  if (now === null || isEnding(now.status) || now.access === written.rights) return;
  const { others } = written;
  const target = { bucket: bucket.bucket, purchaseId, userName: bucket.userName, others };
  await needs.storage.access.setRights({ ...target, rights: now.access });
}

/**
 * Ends every user a purchase has or may have, however far a rotation came. Those revoked before are revoked again: one may have been made
 * after its row said so, by a rotation that was under way. Safe to repeat.
 */
export async function revokeAll(needs: Pick<RotationNeeds, "database" | "storage">, place: Place): Promise<void> {
  const { purchaseId, bucket, users } = place;
  const names = new Set([bucket.userName, ...users.map((user) => user.userName)]);
  for (const userName of names) {
    await needs.storage.access.revoke({ bucket: bucket.bucket, purchaseId, userName });
  }
  for (const { generation } of users) await markUserRevoked(needs.database, { purchaseId, generation });
}

/** Whether a user exists for sure and should. */
export function isLiving({ status }: Pick<BucketUserRecord, "status">): boolean {
  return status === "current" || status === "retiring";
}

function done(details: string): RotationView {
  return { status: "done", next: "done", deadline: null, details };
}
