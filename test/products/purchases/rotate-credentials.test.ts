import { GetObjectCommand, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { GrantInput } from "../../../src/integrations/aws/bucket-access.ts";
import { bucketName } from "../../../src/integrations/aws/bucket-name.ts";
import { listBucketUsers } from "../../../src/products/purchases/bucket-user-store.ts";
import { readCredentials } from "../../../src/products/purchases/credentials.ts";
import { s3Bucket } from "../../../src/products/purchases/offer-kinds/s3-bucket.ts";
import { requestRotation } from "../../../src/products/purchases/request-rotation.ts";
import { rotateCredentials } from "../../../src/products/purchases/rotate-credentials.ts";
import { clientOf, objectStoreMissing, useObjectStore } from "../../integrations/aws/object-store.ts";
import { startTestApp, type TestApp } from "../../support/app.ts";
import { type Sale, sellUnprovisioned, wakes } from "./sales.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterEach(() => {
  app.clock.offsetMs = 0;
});
afterAll(() => app.close());

describe.skipIf(objectStoreMissing).each(["versitygw", "iam"] as const)("rotateCredentials by %s", (identity) => {
  const store = useObjectStore(identity);
  const needs = () => ({ ...app.context, storage: store().storage });

  async function runSteps(sale: Sale, phase: "provision" | "terminate" | "suspend"): Promise<void> {
    const input = { purchaseId: sale.purchaseId, heartbeat: () => {} };
    for (const step of s3Bucket[phase] ?? [])
      await step.run(needs(), { ...input, signal: new AbortController().signal });
  }

  async function bought(): Promise<Sale> {
    const sale = await sellUnprovisioned(app);
    await runSteps(sale, "provision");
    await app.owner("purchases").where("id", sale.purchaseId).update({ status: "active" });
    return sale;
  }

  const request = (sale: Sale, overlapSeconds = 0) =>
    requestRotation(app.context, { purchaseId: sale.purchaseId, overlapSeconds });
  const step = (sale: Sale) => rotateCredentials(needs(), { purchaseId: sale.purchaseId });
  async function rotate(sale: Sale): Promise<string> {
    for (;;) {
      const view = await step(sale);
      if (view.next !== "again") return view.next;
    }
  }
  async function client(sale: Sale): Promise<S3Client> {
    const keys = await readCredentials(app.context, { purchaseId: sale.purchaseId });
    return clientOf(store(), { accessKeyId: keys.access_key_id, secretAccessKey: keys.secret_access_key });
  }
  const put = (s3: S3Client, sale: Sale) =>
    s3.send(new PutObjectCommand({ Bucket: bucketName(sale.purchaseId), Key: "a", Body: "mine" }));
  const get = (s3: S3Client, sale: Sale) =>
    s3.send(new GetObjectCommand({ Bucket: bucketName(sale.purchaseId), Key: "a" }));

  it("gives credentials that work and ends the former ones at once", async () => {
    const sale = await bought();
    const former = await client(sale);
    await put(former, sale);
    expect(await request(sale)).toEqual({ generation: 2 });
    expect(await wakes(app, `rotate-credentials/${sale.purchaseId}`)).toBeGreaterThan(0);
    expect(await rotate(sale)).toBe("done");
    const now = await client(sale);
    await get(now, sale);
    await put(now, sale);
    await expect(put(former, sale)).rejects.toMatchObject({ name: "InvalidAccessKeyId" });
    expect(await rotate(sale)).toBe("done");
    await put(now, sale);
  });

  it("A16: lets both work during the overlap, then only the new ones; a second rotation may end it sooner", async () => {
    const sale = await bought();
    const former = await client(sale);
    await request(sale, 3_600);
    expect(await rotate(sale)).toBe("wait");
    const second = await client(sale);
    await Promise.all([put(former, sale), put(second, sale)]);
    await request(sale, 60);
    expect(await rotate(sale)).toBe("wait");
    const third = await client(sale);
    await Promise.all([put(former, sale), put(second, sale), put(third, sale)]);
    app.clock.offsetMs = 61_000;
    expect(await rotate(sale)).toBe("done");
    await put(third, sale);
    for (const ended of [former, second])
      await expect(put(ended, sale)).rejects.toMatchObject({ name: "InvalidAccessKeyId" });
  });

  it("finishes what a worker left behind that died after making the user", async () => {
    const sale = await bought();
    await request(sale);
    const { access } = store().storage;
    const dying = {
      ...access,
      grant: async (input: GrantInput) =>
        Promise.reject(new Error(`killed after ${(await access.grant(input)).accessKeyId}`)),
    };
    await expect(
      rotateCredentials({ ...needs(), storage: { access: dying } }, { purchaseId: sale.purchaseId }),
    ).rejects.toThrow("killed");
    await put(await client(sale), sale);
    expect(await rotate(sale)).toBe("done");
    await put(await client(sale), sale);
  });

  it("leaves no user behind when the purchase ends while its user is being made", async () => {
    const sale = await bought();
    const former = await client(sale);
    await request(sale, 3_600);
    const { access } = store().storage;
    const made: S3Client[] = [];
    const ending = {
      ...access,
      grant: async (input: GrantInput) => {
        await app.owner("purchases").where("id", sale.purchaseId).update({ status: "terminating" });
        const keys = await access.grant(input);
        made.push(clientOf(store(), keys));
        return keys;
      },
    };
    const view = await rotateCredentials({ ...needs(), storage: { access: ending } }, { purchaseId: sale.purchaseId });
    expect(view.next).toBe("again");
    await runSteps(sale, "terminate");
    expect(await rotate(sale)).toBe("done");
    for (const s3 of [former, ...made])
      await expect(put(s3, sale)).rejects.toMatchObject({ name: "InvalidAccessKeyId" });
    const users = await listBucketUsers(app.database, sale.purchaseId);
    expect(new Set(users.map(({ status }) => status))).toEqual(new Set(["revoked"]));
  });

  it("ends a user too that was made after the end had already counted it among the revoked", async () => {
    const sale = await bought();
    await request(sale, 3_600);
    const { access } = store().storage;
    const made: S3Client[] = [];
    const late = {
      ...access,
      grant: async (input: GrantInput) => {
        await app.owner("purchases").where("id", sale.purchaseId).update({ status: "terminating" });
        const [revoke] = s3Bucket.terminate;
        const signal = new AbortController().signal;
        await revoke?.run(needs(), { purchaseId: sale.purchaseId, heartbeat: () => {}, signal });
        // The store refuses rights for users that are gone, so only its own are written.
        const keys = await access.grant({ ...input, others: [] });
        made.push(clientOf(store(), keys));
        return keys;
      },
    };
    await rotateCredentials({ ...needs(), storage: { access: late } }, { purchaseId: sale.purchaseId });
    expect(await rotate(sale)).toBe("done");
    expect(made).toHaveLength(1);
    for (const s3 of made) await expect(put(s3, sale)).rejects.toMatchObject({ name: "InvalidAccessKeyId" });
  });

  it("suspends both users of an overlap, and a rotation of a suspended purchase gives no right to write", async () => {
    const sale = await bought();
    const former = await client(sale);
    await put(former, sale);
    await request(sale, 3_600);
    await rotate(sale);
    await runSteps(sale, "suspend");
    await app.owner("purchases").where("id", sale.purchaseId).update({ access: "read_only" });
    const second = await client(sale);
    await request(sale, 3_600);
    await rotate(sale);
    for (const s3 of [former, second, await client(sale)]) {
      await get(s3, sale);
      await expect(put(s3, sale)).rejects.toMatchObject({ name: "AccessDenied" });
    }
  });
});
