import {
  GetBucketAclCommand,
  GetBucketPolicyCommand,
  type Grant,
  PutBucketEncryptionCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketOwnershipControlsCommand,
  PutPublicAccessBlockCommand,
} from "@aws-sdk/client-s3";
import { z } from "zod";
import { type BucketNeeds, type PurchaseBucket, requirePresent } from "./bucket-ownership.ts";
import { BucketExposed, StorageUnavailable } from "./errors.ts";
import { attempt, failedWith, storageFailure } from "./service-failure.ts";

const ABANDONED_UPLOAD_DAYS = 7;
const ANONYMOUS_TIMEOUT_MS = 10_000;
const PUBLIC_GROUPS = /\/groups\/(global\/AllUsers|global\/AuthenticatedUsers)$/;

const OneOrMore = z.union([z.string(), z.array(z.string())]);
const Statement = z.object({
  Effect: z.string(),
  Principal: z.union([z.string(), z.record(z.string(), OneOrMore)]).optional(),
});
const Policy = z.object({
  Statement: z.union([z.array(Statement), Statement]).transform((found) => (Array.isArray(found) ? found : [found])),
});

/** The store's address, under which a bucket is a path: where the unsigned request goes. */
export type PublicProbe = { readonly endpoint: string };

/** `set`: the store took the setting. `not_supported`: it answered that it does not know it (versitygw 1.8). */
export type SettingOutcome = "set" | "not_supported";

/**
 * Makes public access impossible and answers how: `blocked` by the store's own switch, or, where the store has none,
 * `verified`: no policy or ACL lets the public in and an unsigned request was refused. Failure: `bucket_exposed`.
 */
export async function blockPublicAccess(
  needs: BucketNeeds & PublicProbe,
  input: PurchaseBucket,
): Promise<"blocked" | "verified"> {
  await requirePresent(needs, input);
  const block = { BlockPublicAcls: true, IgnorePublicAcls: true, BlockPublicPolicy: true, RestrictPublicBuckets: true };
  const outcome = await applySetting(`block public access to bucket ${input.bucket}`, () =>
    needs.s3.send(new PutPublicAccessBlockCommand({ Bucket: input.bucket, PublicAccessBlockConfiguration: block })),
  );
  if (outcome === "set") return "blocked";
  await requirePrivate(needs, input);
  return "verified";
}

/** Fails with `bucket_exposed` if a policy, an ACL or an unsigned request shows that anybody may look into the bucket. */
async function requirePrivate(needs: BucketNeeds & PublicProbe, input: { readonly bucket: string }): Promise<void> {
  const { bucket } = input;
  const policy = await attempt(
    `read the policy of bucket ${bucket}`,
    () => needs.s3.send(new GetBucketPolicyCommand({ Bucket: bucket })),
    ["NoSuchBucketPolicy"],
  );
  if (policyIsPublic(policy?.Policy)) throw exposed(bucket, "its policy names everybody");
  const acl = await attempt(`read the ACL of bucket ${bucket}`, () =>
    needs.s3.send(new GetBucketAclCommand({ Bucket: bucket })),
  );
  if ((acl?.Grants ?? []).some(isPublicGrant)) throw exposed(bucket, "its ACL grants the public");
  if (await answersAnonymously(`${needs.endpoint.replace(/\/$/, "")}/${bucket}?list-type=2`)) {
    throw exposed(bucket, "an unsigned request was answered");
  }
}

/** Switches ACLs off: the bucket's owner owns every object, so a customer cannot make one public by an ACL. Idempotent. */
export async function enforceBucketOwner(needs: BucketNeeds, input: PurchaseBucket): Promise<SettingOutcome> {
  await requirePresent(needs, input);
  const controls = { Rules: [{ ObjectOwnership: "BucketOwnerEnforced" as const }] };
  return await applySetting(`set the ownership controls of bucket ${input.bucket}`, () =>
    needs.s3.send(new PutBucketOwnershipControlsCommand({ Bucket: input.bucket, OwnershipControls: controls })),
  );
}

/** Encrypts what is stored with the store's own keys (SSE-S3) unless the customer asks otherwise. Idempotent. */
export async function encryptByDefault(needs: BucketNeeds, input: PurchaseBucket): Promise<SettingOutcome> {
  await requirePresent(needs, input);
  const rules = { Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" as const } }] };
  return await applySetting(`encrypt bucket ${input.bucket}`, () =>
    needs.s3.send(new PutBucketEncryptionCommand({ Bucket: input.bucket, ServerSideEncryptionConfiguration: rules })),
  );
}

/** Lets the store drop uploads abandoned for 7 days: the customer pays for their parts without seeing them. Idempotent. */
export async function dropAbandonedUploads(needs: BucketNeeds, input: PurchaseBucket): Promise<SettingOutcome> {
  await requirePresent(needs, input);
  const rule = {
    ID: "drop-abandoned-uploads",
    Status: "Enabled" as const,
    Filter: { Prefix: "" },
    AbortIncompleteMultipartUpload: { DaysAfterInitiation: ABANDONED_UPLOAD_DAYS },
  };
  return await applySetting(`set the lifecycle of bucket ${input.bucket}`, () =>
    needs.s3.send(
      new PutBucketLifecycleConfigurationCommand({
        Bucket: input.bucket,
        LifecycleConfiguration: { Rules: [rule] },
      }),
    ),
  );
}

async function applySetting(action: string, call: () => Promise<unknown>): Promise<SettingOutcome> {
  try {
    await call();
    return "set";
  } catch (error) {
    if (failedWith(error, ["NotImplemented"])) return "not_supported";
    throw storageFailure(error, action);
  }
}

async function answersAnonymously(url: string): Promise<boolean> {
  try {
    const answer = await fetch(url, { redirect: "manual", signal: AbortSignal.timeout(ANONYMOUS_TIMEOUT_MS) });
    await answer.body?.cancel();
    if (answer.status >= 500) throw new StorageUnavailable({ detail: `unsigned request: HTTP ${answer.status}` });
    return answer.ok;
  } catch (error) {
    throw storageFailure(error, "ask for the bucket without credentials");
  }
}

function isPublicGrant(grant: Grant): boolean {
  const { Type: type, URI: uri, ID: id } = grant.Grantee ?? {};
  return PUBLIC_GROUPS.test(uri ?? "") || (type === "Group" && id === "all-users");
}

/** True when an Allow statement names everybody, whatever its conditions: a condition does not make a bucket private. */
function policyIsPublic(text: string | undefined): boolean {
  if (text === undefined || text === "") return false;
  const { Statement: statements } = Policy.parse(JSON.parse(text));
  return statements.some(({ Effect: effect, Principal: who }) => {
    const named = typeof who === "string" ? [who] : Object.values(who ?? {}).flat();
    return effect === "Allow" && named.includes("*");
  });
}

function exposed(bucket: string, why: string): BucketExposed {
  return new BucketExposed({ detail: `bucket ${bucket} is public: ${why}`, members: { bucket } });
}
