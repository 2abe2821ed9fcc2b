import { CreateUserCommand, GetUserCommand, IAMClient, ListAccessKeysCommand } from "@aws-sdk/client-iam";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newBucket, newSecret, objectStoreMissing, useObjectStore } from "./object-store.ts";

describe.skipIf(objectStoreMissing)("IAM users", () => {
  const store = useObjectStore("iam");
  let iam: IAMClient;
  beforeAll(() => {
    const { region, credentials, adminEndpoint = "" } = store().options;
    iam = new IAMClient({ region, credentials, endpoint: adminEndpoint });
  });
  afterAll(() => iam?.destroy());
  const keysOf = async (userName: string) =>
    (await iam.send(new ListAccessKeysCommand({ UserName: userName }))).AccessKeyMetadata ?? [];

  it("leave one live key per purchase, the one that was answered last, whatever crashes and retries there were", async () => {
    const purchase = await newBucket(store());
    const grant = { ...purchase, secretAccessKey: newSecret() };
    for (let run = 0; run < 4; run += 1) await store().storage.access.grant(grant);
    const last = await store().storage.access.grant(grant);
    expect((await keysOf(purchase.userName)).map(({ AccessKeyId }) => AccessKeyId)).toEqual([last.accessKeyId]);
  });

  it("carry the purchase's tag and are gone after the revocation", async () => {
    const purchase = await newBucket(store());
    await store().storage.access.grant({ ...purchase, secretAccessKey: newSecret() });
    const query = new GetUserCommand({ UserName: purchase.userName });
    const tag = { Key: "officex_vendor_purchase_id", Value: purchase.purchaseId };
    expect((await iam.send(query)).User).toMatchObject({ Path: "/tollkeeper/", Tags: [tag] });
    await store().storage.access.revoke(purchase);
    await expect(iam.send(query)).rejects.toMatchObject({ name: "NoSuchEntityException" });
  });

  it("409 storage_user_taken: a user that was not made for the purchase stays as it is", async () => {
    const purchase = await newBucket(store());
    await iam.send(new CreateUserCommand({ UserName: purchase.userName }));
    const grant = { ...purchase, secretAccessKey: newSecret() };
    const taken = { code: "storage_user_taken", status: 409, retryable: false };
    await expect(store().storage.access.grant(grant)).rejects.toMatchObject(taken);
    await expect(store().storage.access.revoke(grant)).rejects.toMatchObject(taken);
    expect(await keysOf(purchase.userName)).toEqual([]);
  });
});
