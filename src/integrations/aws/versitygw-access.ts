import { DeleteBucketPolicyCommand, PutBucketPolicyCommand } from "@aws-sdk/client-s3";
import {
  accessPolicy,
  type BucketAccess,
  type BucketCredentials,
  type BucketRights,
  type BucketUser,
  type GrantInput,
} from "./bucket-access.ts";
import { type BucketNeeds, requireOurs, requirePresent } from "./bucket-ownership.ts";
import { StorageUnavailable } from "./errors.ts";
import { attempt } from "./service-failure.ts";
import { createUser, deleteUser, type VersitygwAdmin } from "./versitygw-admin.ts";

/** The adapters of versitygw's users: its administration, and S3 for the bucket policy that names the user. */
export type VersitygwNeeds = BucketNeeds & { readonly admin: VersitygwAdmin };

/**
 * Access by one versitygw user per purchase. The user name is the access key, the secret is the caller's, and all rights come
 * from the bucket's policy: the role `user` can make no bucket and reach no other one.
 */
export function versitygwAccess(needs: VersitygwNeeds): BucketAccess {
  const issue = (input: GrantInput) => issueCredentials(needs, input);
  return {
    grant: issue,
    rotate: issue,
    setRights: async (input) => {
      await requirePresent(needs, input);
      await putPolicy(needs, input);
    },
    revoke: (input) => revokeUser(needs, input),
  };
}

async function issueCredentials(needs: VersitygwNeeds, input: GrantInput): Promise<BucketCredentials> {
  const { userName } = input;
  await requirePresent(needs, input);
  const credentials = { accessKeyId: userName, secretAccessKey: input.secretAccessKey };
  await replaceUser(needs, credentials);
  // The policy comes second: the server refuses a policy that names a user it does not know.
  await putPolicy(needs, { ...input, rights: input.rights ?? "full" });
  return credentials;
}

async function putPolicy(needs: VersitygwNeeds, input: BucketUser & { readonly rights: BucketRights }): Promise<void> {
  const { bucket, userName, rights, others = [] } = input;
  await putPolicyFor(needs, { bucket, users: [...new Set([userName, ...others])], rights });
}

async function putPolicyFor(
  needs: VersitygwNeeds,
  input: { readonly bucket: string; readonly users: readonly string[]; readonly rights: BucketRights },
): Promise<void> {
  const { bucket, users, rights } = input;
  const policy = accessPolicy({ bucket, principal: users, rights });
  await attempt(`set the policy of bucket ${bucket}`, () =>
    needs.s3.send(new PutBucketPolicyCommand({ Bucket: bucket, Policy: policy })),
  );
}

/**
 * A user that exists is removed and made again rather than updated: after `update-user`, versitygw 1.8 sometimes goes on
 * checking signatures against the former secret out of its cache.
 */
async function replaceUser(needs: VersitygwNeeds, credentials: BucketCredentials): Promise<void> {
  if (await createUser(needs.admin, credentials)) return;
  await deleteUser(needs.admin, credentials);
  if (await createUser(needs.admin, credentials)) return;
  throw new StorageUnavailable({ detail: `storage user ${credentials.accessKeyId} is being made by somebody else` });
}

async function revokeUser(
  needs: VersitygwNeeds,
  input: BucketUser & { readonly rights?: BucketRights },
): Promise<void> {
  const { bucket, userName, others = [], rights = "full" } = input;
  if (others.length > 0) await putPolicyFor(needs, { bucket, users: others, rights });
  else if (await requireOurs(needs, input)) {
    await attempt(
      `remove the policy of bucket ${bucket}`,
      () => needs.s3.send(new DeleteBucketPolicyCommand({ Bucket: bucket })),
      ["NoSuchBucketPolicy", "NoSuchBucket"],
    );
  }
  await deleteUser(needs.admin, { accessKeyId: userName });
}
