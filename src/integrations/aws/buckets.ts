import { CreateBucketCommand, DeleteBucketCommand, PutBucketCorsCommand } from "@aws-sdk/client-s3";
import {
  type BucketNeeds,
  type PurchaseBucket,
  readOwnership,
  requireOurs,
  requirePresent,
  takenByAnother,
} from "./bucket-ownership.ts";
import { BucketNotEmpty } from "./errors.ts";
import { attempt, failedWith, storageFailure } from "./service-failure.ts";

/** Response headers a browser may read from the customer's bucket; S3 allows no wildcard here. */
const EXPOSED_HEADERS = [
  "ETag",
  "Content-Range",
  "x-amz-checksum-crc32",
  "x-amz-checksum-crc64nvme",
  "x-amz-checksum-sha256",
  "x-amz-delete-marker",
  "x-amz-id-2",
  "x-amz-request-id",
  "x-amz-server-side-encryption",
  "x-amz-storage-class",
  "x-amz-version-id",
];

/**
 * Makes the bucket in the client's region (the SDK adds the location constraint, which us-east-1 must not have), or finds it
 * made: ours by tag, or of our account with no tag and nothing inside (a crash before the tag). Idempotent.
 * Failure: `bucket_name_taken` when it is anybody else's; that bucket is left as it is.
 */
export async function createBucket(needs: BucketNeeds, input: PurchaseBucket): Promise<void> {
  const { bucket } = input;
  try {
    await needs.s3.send(new CreateBucketCommand({ Bucket: bucket }));
  } catch (error) {
    if (failedWith(error, ["BucketAlreadyExists"])) throw takenByAnother(bucket);
    if (!failedWith(error, ["BucketAlreadyOwnedByYou"])) throw storageFailure(error, `create bucket ${bucket}`);
  }
  // Asked also after a 200: us-east-1 answers 200 for a bucket the account already has.
  if ((await readOwnership(needs, input)) === "foreign") throw takenByAnother(bucket);
}

/** Lets the customer's web pages read and write the bucket from any origin; credentials are still needed. Idempotent. */
export async function allowBrowserAccess(needs: BucketNeeds, input: PurchaseBucket): Promise<void> {
  await requirePresent(needs, input);
  const rule = {
    AllowedOrigins: ["*"],
    AllowedHeaders: ["*"],
    AllowedMethods: ["GET", "PUT", "POST", "DELETE", "HEAD"],
    ExposeHeaders: EXPOSED_HEADERS,
    MaxAgeSeconds: 3000,
  };
  await attempt(`set the CORS rules of bucket ${input.bucket}`, () =>
    needs.s3.send(new PutBucketCorsCommand({ Bucket: input.bucket, CORSConfiguration: { CORSRules: [rule] } })),
  );
}

/**
 * Removes an emptied bucket of this purchase. A bucket already gone is success. Failures: `bucket_name_taken` for a bucket
 * without our tag (cleanup never deletes what it did not create); `bucket_not_empty` when something was written meanwhile.
 */
export async function deleteBucket(needs: BucketNeeds, input: PurchaseBucket): Promise<void> {
  if (!(await requireOurs(needs, input))) return;
  const { bucket } = input;
  try {
    await needs.s3.send(new DeleteBucketCommand({ Bucket: bucket }));
  } catch (error) {
    if (failedWith(error, ["NoSuchBucket"])) return;
    if (failedWith(error, ["BucketNotEmpty", "VersionedBucketNotEmpty"])) {
      throw new BucketNotEmpty({
        detail: `delete bucket ${bucket}: it is not empty`,
        members: { bucket },
      });
    }
    throw storageFailure(error, `delete bucket ${bucket}`);
  }
}
