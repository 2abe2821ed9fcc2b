import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openSecret, parseMasterKey } from "../../../src/platform/secrets.ts";
import { findBucket, markBucketRevoked } from "../../../src/products/purchases/bucket-store.ts";
import { readCredentials, sealCredentials } from "../../../src/products/purchases/credentials.ts";
import { startTestApp, type TestApp } from "../../support/app.ts";
import { sell, sellUnprovisioned } from "./sales.ts";

const KEYS = { accessKeyId: "AKIA1", secretAccessKey: "very secret" };

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

describe("sealCredentials", () => {
  it("opens only with the same master key and for its own purpose", () => {
    const [mine, other] = [parseMasterKey("01".repeat(32)), parseMasterKey("02".repeat(32))];
    const sealed = sealCredentials(mine, KEYS);
    expect(sealed).not.toContain("secret");
    expect(JSON.parse(openSecret(mine, "bucket-credentials", sealed))).toEqual({
      access_key_id: "AKIA1",
      secret_access_key: "very secret",
    });
    expect(() => openSecret(other, "bucket-credentials", sealed)).toThrow();
    expect(() => openSecret(mine, "org-api-key", sealed)).toThrow();
  });
});

describe("readCredentials", () => {
  const read = (purchaseId: string) => readCredentials(app.context, { purchaseId });

  it("rests sealed in the database and comes out in clear", async () => {
    const { purchaseId } = await sell(app);
    const secret = `secret-of-${purchaseId}`;
    expect((await findBucket(app.database, purchaseId))?.credentialsSealed).not.toContain(secret);
    expect(await read(purchaseId)).toMatchObject({ secret_access_key: secret });
  });

  it("says not_provisioned_yet while it is provisioned, and where keys are not there yet", async () => {
    const { purchaseId } = await sellUnprovisioned(app);
    await expect(read(purchaseId)).rejects.toMatchObject({ code: "not_provisioned_yet" });
    const active = await sell(app);
    await markBucketRevoked(app.database, active.purchaseId);
    await expect(read(active.purchaseId)).rejects.toMatchObject({ code: "not_provisioned_yet" });
  });

  it.each(["terminating", "terminated"])("shows nothing any more when %s", async (status) => {
    const { purchaseId } = await sell(app);
    await app.owner("purchases").where("id", purchaseId).update({ status });
    await expect(read(purchaseId)).rejects.toMatchObject({ code: "purchase_terminated" });
  });

  it("does not open credentials that were moved or changed in the database", async () => {
    const { purchaseId } = await sell(app);
    const sealed = (await findBucket(app.database, purchaseId))?.credentialsSealed ?? "";
    const changed = `${sealed.slice(0, -4)}AAAA`;
    await app.owner("purchase_buckets").where("purchase_id", purchaseId).update({ credentials_sealed: changed });
    await expect(read(purchaseId)).rejects.toThrow("does not open");
  });

  it("refuses a purchase that does not exist", async () => {
    await expect(read("pur_none")).rejects.toMatchObject({ code: "purchase_not_found" });
  });
});
