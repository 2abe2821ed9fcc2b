import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findLivingKey } from "../../../../src/identity/api-keys.ts";
import { type AccessApp, dataOf, register, startAccessApp } from "../access-app.ts";

let app: AccessApp;
beforeAll(async () => {
  app = await startAccessApp();
});
afterAll(() => app.close());

const regenerate = (key: string, json: object = {}, headers: Readonly<Record<string, string>> = {}) =>
  app.call("/api/v1/auth/regenerate-key", { key, json, headers });
const status = async (key: string) => (await app.call("/api/v1/merchant", { key })).status;

describe("200", () => {
  it("invalidates the old key, and the new one works at once", async () => {
    const { key } = await register(app);
    const reply = await regenerate(key);
    expect([reply.status, reply.headers.get("cache-control")]).toEqual([200, "no-store"]);
    const { apiKey } = dataOf(reply);
    expect(reply.body.message).toMatch(/will not be shown again/);
    expect(await status(String(apiKey))).toBe(200);
    await expect.poll(() => status(key)).toBe(401);
  });

  it("A16: takes no body at all, as the seed calls it", async () => {
    const { key } = await register(app);
    expect((await app.call("/api/v1/auth/regenerate-key", { method: "POST", key })).status).toBe(200);
  });

  it("A16: both keys work till an overlap that was asked for ends", async () => {
    const { key } = await register(app);
    const { apiKey } = dataOf(await regenerate(key, { overlapSeconds: 60 }));
    expect([await status(key), await status(String(apiKey))]).toEqual([200, 200]);
    const later = { kind: "merchant", now: Date.now() + 61_000 } as const;
    expect(await findLivingKey(app.database, { ...later, key })).toBeUndefined();
    expect(await findLivingKey(app.database, { ...later, key: String(apiKey) })).toMatchObject({ replacedBy: null });
  });

  it("A02: replays by Idempotency-Key while the old key lives, so a lost answer is found again", async () => {
    const { key } = await register(app);
    const headers = { "idempotency-key": "lost-answer" };
    const first = await regenerate(key, { overlapSeconds: 60 }, headers);
    const again = await regenerate(key, { overlapSeconds: 60 }, headers);
    expect(again.headers.get("idempotency-replayed")).toBe("true");
    expect(again.body.data).toEqual(first.body.data);
  });

  it("makes one key when several ask at once with the same one: the first wins", async () => {
    const { key, id } = await register(app);
    const answers = await Promise.all(Array.from({ length: 5 }, () => regenerate(key, { overlapSeconds: 60 })));
    expect(answers.map((answer) => answer.status).toSorted()).toEqual([200, 403, 403, 403, 403]);
    expect(await app.owner("api_keys").where("subject", id)).toHaveLength(2);
  });
});

describe("403 merchant_key_replaced", () => {
  it("for a key in its overlap: who found an old key cannot lock the merchant out", async () => {
    const { key } = await register(app);
    await regenerate(key, { overlapSeconds: 600 });
    expect(await regenerate(key)).toMatchObject({ status: 403, body: { code: "merchant_key_replaced" } });
  });
});

describe("400 invalid_request", () => {
  it.each([-1, 604_801, 1.5, "60", null])("for an overlap of %j: nothing is replaced", async (overlapSeconds) => {
    const { key } = await register(app);
    expect(await regenerate(key, { overlapSeconds })).toMatchObject({ status: 400, body: { code: "invalid_request" } });
    expect(await status(key)).toBe(200);
  });

  it("for an unknown member, which is named", async () => {
    const { key } = await register(app);
    const { body } = await regenerate(key, { merchantId: "mer_other" });
    expect(body).toMatchObject({ code: "invalid_request", detail: expect.stringContaining("merchantId") });
  });
});

describe("401", () => {
  it.each(["", "sk_test_unknown-unknown-unknown-unknown-unknown", "sk_live_"])("for the key %j", async (key) => {
    expect((await regenerate(key)).status).toBe(401);
  });
});
