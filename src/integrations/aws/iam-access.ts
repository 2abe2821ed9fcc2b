import {
  CreateAccessKeyCommand,
  CreateUserCommand,
  DeleteAccessKeyCommand,
  DeleteUserCommand,
  DeleteUserPolicyCommand,
  GetUserCommand,
  type IAMClient,
  ListAccessKeysCommand,
  ListUserPoliciesCommand,
  PutUserPolicyCommand,
} from "@aws-sdk/client-iam";
import {
  accessPolicy,
  type BucketAccess,
  type BucketCredentials,
  type BucketRights,
  type BucketUser,
  type GrantInput,
} from "./bucket-access.ts";
import { type BucketNeeds, PURCHASE_TAG, requirePresent } from "./bucket-ownership.ts";
import { StorageUnavailable, StorageUserTaken } from "./errors.ts";
import { attempt, failedWith, storageFailure } from "./service-failure.ts";

const POLICY_NAME = "own-bucket";
const USER_PATH = "/tollkeeper/";
const NO_ENTITY = ["NoSuchEntity"];

/** The adapters of AWS's own users: IAM for user and key, S3 for the check that the bucket is the purchase's. */
export type IamNeeds = BucketNeeds & { readonly iam: IAMClient };

/**
 * Access by one IAM user per purchase, with an inline policy on its bucket and one access key. IAM shows a secret once, so a
 * key made by a run that died is deleted before another is made: no key lives that nobody knows. New keys take seconds to
 * work everywhere.
 */
export function iamAccess(needs: IamNeeds): BucketAccess {
  const issue = (input: GrantInput) => issueCredentials(needs, input);
  return {
    grant: issue,
    rotate: issue,
    setRights: async (input) => {
      await requirePresent(needs, input);
      await ensureUser(needs, input);
      await putRights(needs, input);
    },
    revoke: (input) => revokeUser(needs, input),
  };
}

async function issueCredentials(needs: IamNeeds, input: GrantInput): Promise<BucketCredentials> {
  const { userName } = input;
  await requirePresent(needs, input);
  await ensureUser(needs, input);
  await putRights(needs, { ...input, rights: input.rights ?? "full" });
  await deleteKeys(needs, userName);
  const made = await attempt(`make a key for user ${userName}`, () =>
    needs.iam.send(new CreateAccessKeyCommand({ UserName: userName })),
  );
  const { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey } = made?.AccessKey ?? {};
  if (accessKeyId === undefined || secretAccessKey === undefined) {
    throw new StorageUnavailable({ detail: `make a key for user ${userName}: the answer held no key` });
  }
  return { accessKeyId, secretAccessKey };
}

async function putRights(needs: IamNeeds, input: BucketUser & { readonly rights: BucketRights }): Promise<void> {
  const { userName, bucket, rights } = input;
  await attempt(`give user ${userName} its rights`, () =>
    needs.iam.send(
      new PutUserPolicyCommand({
        UserName: userName,
        PolicyName: POLICY_NAME,
        PolicyDocument: accessPolicy({ bucket, rights }),
      }),
    ),
  );
}

async function ensureUser(needs: IamNeeds, input: BucketUser): Promise<void> {
  const tags = [{ Key: PURCHASE_TAG, Value: input.purchaseId }];
  try {
    await needs.iam.send(new CreateUserCommand({ UserName: input.userName, Path: USER_PATH, Tags: tags }));
  } catch (error) {
    if (!failedWith(error, ["EntityAlreadyExists"])) {
      throw storageFailure(error, `create user ${input.userName}`);
    }
    await requireOurUser(needs, input);
  }
}

/** True when the user is there and ours, false when absent. Failure: `storage_user_taken`. */
async function requireOurUser(needs: IamNeeds, input: BucketUser): Promise<boolean> {
  const { userName } = input;
  const answer = await attempt(
    `read user ${userName}`,
    () => needs.iam.send(new GetUserCommand({ UserName: userName })),
    NO_ENTITY,
  );
  if (answer?.User === undefined) return false;
  const owner = answer.User.Tags?.find((tag) => tag.Key === PURCHASE_TAG)?.Value;
  if (owner !== input.purchaseId) {
    throw new StorageUserTaken({ detail: `user ${userName} exists and was not made for this purchase` });
  }
  return true;
}

async function deleteKeys(needs: IamNeeds, userName: string): Promise<void> {
  const keys = await attempt(
    `list the keys of user ${userName}`,
    () => needs.iam.send(new ListAccessKeysCommand({ UserName: userName })),
    NO_ENTITY,
  );
  for (const { AccessKeyId } of keys?.AccessKeyMetadata ?? []) {
    const command = new DeleteAccessKeyCommand({ UserName: userName, AccessKeyId });
    await attempt(`delete a key of user ${userName}`, () => needs.iam.send(command), NO_ENTITY);
  }
}

async function revokeUser(needs: IamNeeds, input: BucketUser): Promise<void> {
  const { userName } = input;
  if (!(await requireOurUser(needs, input))) return;
  await deleteKeys(needs, userName);
  const policies = await attempt(
    `list the rights of user ${userName}`,
    () => needs.iam.send(new ListUserPoliciesCommand({ UserName: userName })),
    NO_ENTITY,
  );
  for (const PolicyName of policies?.PolicyNames ?? []) {
    const command = new DeleteUserPolicyCommand({ UserName: userName, PolicyName });
    await attempt(`take rights from user ${userName}`, () => needs.iam.send(command), NO_ENTITY);
  }
  const command = new DeleteUserCommand({ UserName: userName });
  await attempt(`delete user ${userName}`, () => needs.iam.send(command), NO_ENTITY);
}
