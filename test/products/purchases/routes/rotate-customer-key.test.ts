import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { findLivingKey } from "../../../../src/identity/api-keys.ts";
import { startTestApp, type TestApp } from "../../../support/app.ts";
import { exhaust, finalize, type Sale, sell } from "../sales.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterEach(() => {
  app.clock.offsetMs = 0;
});
afterAll(() => app.close());

const rotate = (sale: Sale, json: object = {}, init: object = {}) =>
  app.call(`/purchase/${sale.purchaseId}/customer-key/rotate`, { key: sale.customerKey, json, ...init });
const read = async (sale: Sale, key: unknown) =>
  (await app.call(`/purchase/${sale.purchaseId}`, { key: String(key) })).status;

describe("200", () => {
  it("A16: both keys read till the overlap ends, then only the new one", async () => {
    const sale = await sell(app);
    const { status, headers, body } = await rotate(sale, { overlap_seconds: 60 });
    expect([status, headers.get("cache-control"), body.generation]).toEqual([200, "no-store", 2]);
    const key = body.customer_billing_api_key;
    expect([await read(sale, key), await read(sale, sale.customerKey)]).toEqual([200, 200]);
    const later = { kind: "customer", now: Date.now() + 61_000 } as const;
    expect(await findLivingKey(app.database, { ...later, key: sale.customerKey })).toBeUndefined();
    expect(await findLivingKey(app.database, { ...later, key: String(key) })).toMatchObject({ replacedBy: null });
  });

  it("A02: replays by Idempotency-Key with the old key, so an answer that was lost is found again", async () => {
    const sale = await sell(app);
    const init = { headers: { "idempotency-key": "lost-answer" } };
    const answers = await Promise.all(Array.from({ length: 5 }, () => rotate(sale, {}, init)));
    const again = await rotate(sale, {}, init);
    expect(again.headers.get("idempotency-replayed")).toBe("true");
    const shown = answers.filter(({ status }) => status === 200).map(({ body }) => body.customer_billing_api_key);
    expect(new Set([...shown, again.body.customer_billing_api_key]).size).toBe(1);
    expect(answers.every(({ status }) => status === 200 || status === 409)).toBe(true);
  });

  it("shows the new key to no session and in no log", async () => {
    const sale = await sell(app);
    const { body } = await rotate(sale);
    expect((await finalize(app, sale)).customerKey).toBeNull();
    expect(app.lines.join("").includes(String(body.customer_billing_api_key))).toBe(false);
  });
});

describe("403 key_replaced", () => {
  it("for a key in its overlap: who found an old key cannot lock the customer out", async () => {
    const sale = await sell(app);
    await rotate(sale);
    await expect.poll(async () => (await rotate(sale)).body.code).toBe("key_replaced");
  });
});

describe("410 purchase_terminated", () => {
  it("once termination begins", async () => {
    const sale = await sell(app, "5");
    await exhaust(app, sale, "4.96");
    expect(await rotate(sale)).toMatchObject({ status: 410, body: { code: "purchase_terminated" } });
  });
});

describe("400 invalid_request", () => {
  it.each([0, 59, 604_801, "60", 60.5, null])("for an overlap of %j", async (overlap) => {
    const sale = await sell(app);
    expect(await rotate(sale, { overlap_seconds: overlap })).toMatchObject({ status: 400 });
  });
});

describe("404, 401 and 403", () => {
  it("A09: for another's purchase, for no key, and for the vendor's", async () => {
    const [mine, other] = [await sell(app), await sell(app)];
    expect(await rotate(other, {}, { key: mine.customerKey })).toMatchObject({
      status: 404,
      body: { code: "purchase_not_found" },
    });
    expect((await rotate(mine, {}, { key: "" })).status).toBe(401);
    expect((await rotate(mine, {}, { key: mine.vendorKey })).status).toBe(403);
  });
});
