import type { PurchaseBucket } from "./bucket-ownership.ts";

/** What a customer signs requests with. The secret stays in process memory: the caller encrypts it before it rests anywhere. */
export type BucketCredentials = { readonly accessKeyId: string; readonly secretAccessKey: string };

/** Whose access: `userName` is the storage user made for this purchase alone (`bucketName` gives a fitting one). */
export type BucketUser = PurchaseBucket & {
  readonly userName: string;
  /** Further users of the purchase whose access stays as it is: a rotation has two for a while. */
  readonly others?: readonly string[];
};

/**
 * `secretAccessKey` is the secret the caller chose and keeps (at least 32 characters), so that a retry gives the same
 * credentials. Stores that make secrets themselves (IAM) ignore it: a retry there replaces the key nobody saw.
 */
export type GrantInput = BucketUser & { readonly secretAccessKey: string; readonly rights?: BucketRights };

/**
 * Access to one bucket and nothing else. Every function may run twice and after a crash at any line.
 * - `grant`: makes user, rights (full unless told) and key. Failures: `storage_user_taken`, `bucket_name_taken`.
 * - `rotate`: as `grant`, after which only the returned credentials work.
 * - `setRights`: what the existing credentials may do from now on; they stay the same. Failures as `grant`.
 * - `revoke`: key, rights and user are gone; already gone is success. `rights` are those of the `others` who stay.
 */
export type BucketAccess = {
  readonly grant: (input: GrantInput) => Promise<BucketCredentials>;
  readonly rotate: (input: GrantInput) => Promise<BucketCredentials>;
  readonly setRights: (input: BucketUser & { readonly rights: BucketRights }) => Promise<void>;
  readonly revoke: (input: BucketUser & { readonly rights?: BucketRights }) => Promise<void>;
};

/** `read_only` may read, list and delete, so that a customer who cannot pay can still save and clear away what there is. */
export type BucketRights = "full" | "read_only";

/** What a customer may do with the bucket itself. */
const BUCKET_ACTIONS = [
  "s3:ListBucket",
  "s3:ListBucketVersions",
  "s3:ListBucketMultipartUploads",
  "s3:GetBucketLocation",
];

/**
 * What a customer may do with the objects. No ACL, retention or policy actions: they could make the bucket public or keep it
 * from ever being emptied. Aborting and listing upload parts are in, since the parts are paid for.
 */
const OBJECT_ACTIONS = [
  "s3:GetObject",
  "s3:GetObjectVersion",
  "s3:PutObject",
  "s3:DeleteObject",
  "s3:DeleteObjectVersion",
  "s3:AbortMultipartUpload",
  "s3:ListMultipartUploadParts",
  "s3:GetObjectTagging",
  "s3:PutObjectTagging",
  "s3:DeleteObjectTagging",
];

const WRITE_ACTIONS: readonly string[] = ["s3:PutObject", "s3:PutObjectTagging"];

/**
 * The least-privilege policy as JSON text. With `principal` it is a bucket policy naming that user; without, a policy to
 * attach to the user.
 */
export function accessPolicy(input: {
  readonly bucket: string;
  readonly principal?: string | readonly string[];
  readonly rights?: BucketRights;
}): string {
  const who = input.principal === undefined ? {} : { Principal: { AWS: [input.principal].flat() } };
  const arn = `arn:aws:s3:::${input.bucket}`;
  const isReadOnly = input.rights === "read_only";
  const objectActions = OBJECT_ACTIONS.filter((action) => !(isReadOnly && WRITE_ACTIONS.includes(action)));
  const statements = [
    { Sid: "Bucket", Effect: "Allow", ...who, Action: BUCKET_ACTIONS, Resource: arn },
    { Sid: "Objects", Effect: "Allow", ...who, Action: objectActions, Resource: `${arn}/*` },
  ];
  return JSON.stringify({ Version: "2012-10-17", Statement: statements });
}
