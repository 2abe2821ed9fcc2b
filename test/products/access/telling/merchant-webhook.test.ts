import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  removeMerchantWebhook,
  rotateMerchantSecret,
  setMerchantWebhook,
  signingSecrets,
  testMerchantWebhook,
} from "../../../../src/products/access/telling/merchant-webhook.ts";
import { startTestApp, type TestApp } from "../../../support/app.ts";
import { addMerchant, wakeCount } from "./merchant-rows.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

const URL = "http://127.0.0.1:9/hook?key=hush";
const needs = () => ({ ...app.context, allowPrivateHosts: true });
const set = (merchantId: string, url = URL) => setMerchantWebhook(needs(), { merchantId, url });
const rotate = (merchantId: string, overlapSeconds = 3_600) =>
  rotateMerchantSecret(needs(), { merchantId, overlapSeconds });
const signing = (merchantId: string) => signingSecrets(app.context, merchantId);

describe("setMerchantWebhook", () => {
  it("gives a new address a new secret, and ends the former one at once", async () => {
    const merchantId = await addMerchant(app.database);
    const { host, secret } = await set(merchantId);
    expect([host, secret]).toEqual(["127.0.0.1:9", expect.stringMatching(/^whsec_[A-Za-z0-9+/]{43}=$/)]);
    expect(await signing(merchantId)).toEqual([secret]);
    const moved = await set(merchantId, "http://127.0.0.1:10/hook");
    expect(moved.secret).not.toBe(secret);
    expect(await signing(merchantId)).toEqual([moved.secret]);
  });

  it("changes nothing for the same address but opens it again after a 410", async () => {
    const merchantId = await addMerchant(app.database);
    const { secret } = await set(merchantId);
    await app.database("merchant_webhooks").where("merchant_id", merchantId).update({ refused_at: new Date() });
    expect((await set(merchantId)).secret).toBeNull();
    expect(await signing(merchantId)).toEqual([secret]);
    expect(await app.database("merchant_webhooks").where("merchant_id", merchantId).first()).toMatchObject({
      refused_at: null,
    });
  });

  it("leaves one address and one secret that signs, however many are set at once", async () => {
    const merchantId = await addMerchant(app.database);
    const urls = Array.from({ length: 8 }, (_, index) => `http://127.0.0.1:9/${index}`);
    const answers = await Promise.all(urls.map((url) => set(merchantId, url)));
    const [stays, ...rest] = await signing(merchantId);
    expect(rest).toEqual([]);
    expect(answers.map(({ secret }) => secret)).toContain(stays);
  });

  it("stores neither the address nor the secret in clear", async () => {
    const merchantId = await addMerchant(app.database);
    const { secret } = await set(merchantId);
    const rows = [
      await app.database("merchant_webhooks").where("merchant_id", merchantId),
      await app.database("merchant_webhook_secrets").where("merchant_id", merchantId),
    ];
    expect(JSON.stringify(rows)).not.toMatch(/hush|whsec/);
    expect(JSON.stringify(rows)).not.toContain(secret?.slice(6));
  });

  it("O01: refuses what may not be called, and keeps what was set", async () => {
    const merchantId = await addMerchant(app.database);
    const { secret } = await set(merchantId);
    const strict = { ...app.context, allowPrivateHosts: false };
    for (const url of ["https://127.0.0.1/", "http://shop.example/"])
      await expect(setMerchantWebhook(strict, { merchantId, url })).rejects.toMatchObject({ status: 422 });
    expect(await signing(merchantId)).toEqual([secret]);
  });
});

describe("rotateMerchantSecret", () => {
  it("lets the old secret sign beside the new one until its time is over, and at most two sign", async () => {
    const merchantId = await addMerchant(app.database);
    const { secret: first } = await set(merchantId);
    const { secret: second, oldRetiresAt } = await rotate(merchantId);
    expect(await signing(merchantId)).toEqual([second, first]);
    const { secret: third } = await rotate(merchantId);
    expect(await signing(merchantId)).toEqual([third, second]);
    const later = { ...app.context, clock: { now: () => oldRetiresAt.getTime() + 60_000 } };
    expect(await signingSecrets(later, merchantId)).toEqual([third]);
  });

  it("ends the old secret at once where no overlap is asked for", async () => {
    const merchantId = await addMerchant(app.database);
    await set(merchantId);
    const { secret } = await rotate(merchantId, 0);
    expect(await signing(merchantId)).toEqual([secret]);
  });

  it("needs a webhook", async () => {
    const merchantId = await addMerchant(app.database);
    await expect(rotate(merchantId)).rejects.toMatchObject({ code: "webhook_not_set" });
    await expect(testMerchantWebhook(needs(), { merchantId })).rejects.toMatchObject({ code: "webhook_not_set" });
    await expect(removeMerchantWebhook(needs(), { merchantId })).rejects.toMatchObject({ code: "webhook_not_set" });
  });
});

describe("removeMerchantWebhook and testMerchantWebhook", () => {
  it("wakes one delivery per test, and none once the webhook is removed", async () => {
    const merchantId = await addMerchant(app.database);
    await set(merchantId);
    const eventId = await testMerchantWebhook(needs(), { merchantId });
    expect(await wakeCount(app.database, `merchant-notice/${eventId}`)).toBe(1);
    await removeMerchantWebhook(needs(), { merchantId });
    expect(await signing(merchantId)).toEqual([]);
    await expect(testMerchantWebhook(needs(), { merchantId })).rejects.toMatchObject({ code: "webhook_not_set" });
  });
});
