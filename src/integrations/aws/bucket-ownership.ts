import {
  GetBucketTaggingCommand,
  ListMultipartUploadsCommand,
  ListObjectVersionsCommand,
  PutBucketTaggingCommand,
  type S3Client,
  type Tag,
} from "@aws-sdk/client-s3";
import { BucketNameTaken, StorageUnavailable } from "./errors.ts";
import { attempt, failedWith, storageFailure } from "./service-failure.ts";

/** The bucket tag that says which purchase a bucket is for; AWS cost reports carry it too. Source: seed 000, README. */
export const PURCHASE_TAG = "officex_vendor_purchase_id";

/** The adapter every bucket step uses. */
export type BucketNeeds = { readonly s3: S3Client };

/** A bucket and the purchase it must belong to; every step checks the second before it changes the first. */
export type PurchaseBucket = { readonly bucket: string; readonly purchaseId: string };

/** `ours`: tagged with the purchase. `unclaimed`: no purchase tag and nothing inside. `foreign`: anything else. */
export type BucketOwnership = "absent" | "ours" | "unclaimed" | "foreign";

/** Reads whose bucket it is; changes nothing. An untagged bucket with anything inside counts as somebody else's. */
export async function readOwnership(needs: BucketNeeds, input: PurchaseBucket): Promise<BucketOwnership> {
  const tags = await readTags(needs, input.bucket);
  if (tags === undefined) return "absent";
  const owner = tags.find((tag) => tag.Key === PURCHASE_TAG)?.Value;
  if (owner !== undefined) return owner === input.purchaseId ? "ours" : "foreign";
  return (await isEmpty(needs, input)) ? "unclaimed" : "foreign";
}

/**
 * The guard of every destructive or permission-changing step: true when the bucket is there and tagged with this purchase,
 * false when it does not exist. Failure: `bucket_name_taken` for any other bucket, which stays untouched.
 */
export async function requireOurs(needs: BucketNeeds, input: PurchaseBucket): Promise<boolean> {
  const ownership = await readOwnership(needs, input);
  if (ownership === "absent") return false;
  if (ownership !== "ours") throw takenByAnother(input.bucket);
  return true;
}

/**
 * `requireOurs` for steps that make no sense without a bucket. Failure besides: `storage_unavailable` when it does not exist,
 * which right after its creation is replication lag.
 */
export async function requirePresent(needs: BucketNeeds, input: PurchaseBucket): Promise<void> {
  if (!(await requireOurs(needs, input))) {
    throw new StorageUnavailable({ detail: `bucket ${input.bucket} does not exist (yet)` });
  }
}

/**
 * Tags the bucket with its purchase and reads the tag back: a bucket without it never appears in the cost import. Other tags
 * stay. Idempotent. Failures: `bucket_name_taken`; `storage_unavailable` while the tag is not visible yet.
 */
export async function tagBucket(needs: BucketNeeds, input: PurchaseBucket): Promise<void> {
  const ownership = await readOwnership(needs, input);
  if (ownership === "ours") return;
  if (ownership === "foreign") throw takenByAnother(input.bucket);
  if (ownership === "absent") throw new StorageUnavailable({ detail: `bucket ${input.bucket} does not exist (yet)` });
  const kept = (await readTags(needs, input.bucket)) ?? [];
  const tags: Tag[] = [...kept, { Key: PURCHASE_TAG, Value: input.purchaseId }];
  await attempt(`tag bucket ${input.bucket}`, () =>
    needs.s3.send(new PutBucketTaggingCommand({ Bucket: input.bucket, Tagging: { TagSet: tags } })),
  );
  if ((await readOwnership(needs, input)) !== "ours") {
    throw new StorageUnavailable({ detail: `tag bucket ${input.bucket}: the tag cannot be read back yet` });
  }
}

/** True when the bucket holds no object version, no delete marker and no unfinished upload; also when it does not exist. */
export async function isEmpty(needs: BucketNeeds, input: { readonly bucket: string }): Promise<boolean> {
  const query = { Bucket: input.bucket };
  const action = `look into bucket ${input.bucket}`;
  const [versions, uploads] = await Promise.all([
    attempt(action, () => needs.s3.send(new ListObjectVersionsCommand({ ...query, MaxKeys: 1 })), ["NoSuchBucket"]),
    attempt(action, () => needs.s3.send(new ListMultipartUploadsCommand({ ...query, MaxUploads: 1 })), [
      "NoSuchBucket",
    ]),
  ]);
  const found = [versions?.Versions, versions?.DeleteMarkers, uploads?.Uploads];
  return found.every((page) => (page ?? []).length === 0);
}

/** `bucket_name_taken` for `bucket`, whoever has it. */
export function takenByAnother(bucket: string): BucketNameTaken {
  const detail = `bucket ${bucket} exists and was not made for this purchase`;
  return new BucketNameTaken({ detail, members: { bucket } });
}

async function readTags(needs: BucketNeeds, bucket: string): Promise<readonly Tag[] | undefined> {
  try {
    const answer = await needs.s3.send(new GetBucketTaggingCommand({ Bucket: bucket }));
    return answer.TagSet ?? [];
  } catch (error) {
    if (failedWith(error, ["NoSuchBucket"])) return undefined;
    if (failedWith(error, ["NoSuchTagSet"])) return [];
    throw storageFailure(error, `read the tags of bucket ${bucket}`);
  }
}
