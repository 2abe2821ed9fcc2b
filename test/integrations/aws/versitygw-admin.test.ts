import { randomUUID } from "node:crypto";
import { ListBucketsCommand } from "@aws-sdk/client-s3";
import { describe, expect, it } from "vitest";
import { createUser, deleteUser } from "../../../src/integrations/aws/versitygw-admin.ts";
import { clientOf, newSecret, objectStoreMissing, useObjectStore } from "./object-store.ts";

describe.skipIf(objectStoreMissing)("versitygw's user administration", () => {
  const store = useObjectStore("versitygw");
  const admin = () => {
    const { endpoint, region, credentials } = store().options;
    return { adminEndpoint: endpoint, region, credentials };
  };
  const newUser = () => ({ accessKeyId: `user-${randomUUID()}`, secretAccessKey: newSecret() });
  const signIn = (user: ReturnType<typeof newUser>) => clientOf(store(), user).send(new ListBucketsCommand({}));

  it("makes a user that can sign, once", async () => {
    const user = newUser();
    expect(await createUser(admin(), user)).toBe(true);
    expect((await signIn(user)).Buckets ?? []).toEqual([]);
    expect(await createUser(admin(), { ...user, secretAccessKey: newSecret() })).toBe(false);
    await signIn(user);
  });

  it("takes any characters in a secret", async () => {
    const user = { ...newUser(), secretAccessKey: "<&>'\"/+= ü".repeat(4) };
    expect(await createUser(admin(), user)).toBe(true);
    await signIn(user);
  });

  it("removes a user at once, and one that is gone", async () => {
    const user = newUser();
    await createUser(admin(), user);
    await deleteUser(admin(), user);
    await deleteUser(admin(), user);
    await expect(signIn(user)).rejects.toMatchObject({ name: "InvalidAccessKeyId" });
  });

  it("403 access_denied: believes nobody but root, and repeats no secret", async () => {
    const credentials = { accessKeyId: "root", secretAccessKey: "hush-hush" };
    const failure: unknown = await createUser({ ...admin(), credentials }, newUser()).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "access_denied", retryable: false });
    expect(String(failure)).not.toContain("hush");
  });

  it("503 storage_unavailable: nobody answers", async () => {
    const gone = { ...admin(), adminEndpoint: "http://127.0.0.1:9" };
    const failure = { code: "storage_unavailable", retryable: true };
    await expect(createUser(gone, newUser())).rejects.toMatchObject(failure);
  });
});
