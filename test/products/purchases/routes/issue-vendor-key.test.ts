import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ADMIN_TOKEN, startTestApp, type TestApp } from "../../../support/app.ts";
import { exhaust, type Sale, sell } from "../sales.ts";

let app: TestApp;
let sale: Sale;
beforeAll(async () => {
  app = await startTestApp();
  sale = await sell(app);
});
afterAll(() => app.close());

const issue = (id: string, key?: string) =>
  app.call(`/admin/purchases/${id}/vendor-key`, { method: "POST", ...(key === undefined ? {} : { key }) });

describe("200", () => {
  it("gives the operator a key that meters this purchase and no other", async () => {
    const { status, headers, body } = await issue(sale.purchaseId, ADMIN_TOKEN);
    expect([status, headers.get("cache-control")]).toEqual([200, "no-store"]);
    expect(body).toEqual({ purchase_id: sale.purchaseId, vendor_billing_api_key: sale.vendorKey, generation: 1 });
    const json = { usage_amount: "1", usage_unit: "GB_MONTH" };
    expect((await app.call(`/purchase/${sale.purchaseId}/meter-usage`, { key: sale.vendorKey, json })).status).toBe(
      200,
    );
    const other = await sell(app);
    expect((await app.call(`/purchase/${other.purchaseId}/meter-usage`, { key: sale.vendorKey, json })).status).toBe(
      404,
    );
  });

  it("C20: leaves the key in no log", () => {
    expect(app.lines.join("").includes(sale.vendorKey)).toBe(false);
  });
});

describe("rotation", () => {
  const rotate = (id: string, json: object, headers = {}) =>
    app.call(`/admin/purchases/${id}/vendor-key`, { key: ADMIN_TOKEN, json: { rotate: true, ...json }, headers });
  const meter = async (id: string, key: unknown) => {
    const json = { usage_amount: "1", usage_unit: "GB_MONTH" };
    return (await app.call(`/purchase/${id}/meter-usage`, { key: String(key), json })).status;
  };

  it("A16: meters with both keys for a while, or with the new one only, and shows the newest", async () => {
    const { purchaseId, vendorKey } = await sell(app);
    const second = await rotate(purchaseId, { overlap_seconds: 600 });
    expect([await meter(purchaseId, vendorKey), await meter(purchaseId, second.body.vendor_billing_api_key)]).toEqual([
      200, 200,
    ]);
    const third = await rotate(purchaseId, { overlap_seconds: 0 });
    expect((await issue(purchaseId, ADMIN_TOKEN)).body).toEqual(third.body);
    await expect.poll(() => meter(purchaseId, vendorKey)).toBe(401);
    await expect.poll(() => meter(purchaseId, second.body.vendor_billing_api_key)).toBe(401);
    expect(await meter(purchaseId, third.body.vendor_billing_api_key)).toBe(200);
  });

  it("A02, A07: replays by Idempotency-Key, refuses it for another request, and a refusal does not use it up", async () => {
    const { purchaseId } = await sell(app);
    const headers = { "idempotency-key": `turn-${purchaseId}` };
    expect((await rotate(purchaseId, { overlap_seconds: -1 }, headers)).status).toBe(400);
    const first = await rotate(purchaseId, {}, headers);
    const again = await rotate(purchaseId, {}, headers);
    expect([again.body, again.headers.get("idempotency-replayed")]).toEqual([first.body, "true"]);
    expect((await rotate(purchaseId, { overlap_seconds: 1 }, headers)).status).toBe(422);
  });

  it("410 purchase_terminated: gives no new key to what is being ended", async () => {
    const bought = await sell(app, "5");
    await exhaust(app, bought, "4.96");
    expect(await rotate(bought.purchaseId, {})).toMatchObject({ status: 410, body: { code: "purchase_terminated" } });
    app.clock.offsetMs = 0;
  });

  it.each([{ overlap_seconds: 604_801 }, { overlap_seconds: "60" }, { overlap_seconds: 0.5 }, { rotate: "yes" }])(
    "400 invalid_request for %j",
    async (json) => {
      expect((await rotate(sale.purchaseId, json)).status).toBe(400);
    },
  );
});

describe("404 purchase_not_found", () => {
  it.each(["pur_none", "__proto__", "%27%20OR%201%3D1%20--"])("for %s", async (id) => {
    expect(await issue(id, ADMIN_TOKEN)).toMatchObject({ status: 404, body: { code: "purchase_not_found" } });
  });
});

describe("400 invalid_request", () => {
  it("for an id no column can hold", async () => {
    expect(await issue("%00", ADMIN_TOKEN)).toMatchObject({ status: 400, body: { code: "invalid_request" } });
  });
});

describe("401 unauthorized", () => {
  it("for everybody but the operator", async () => {
    for (const key of [undefined, ADMIN_TOKEN.slice(0, -1), `${ADMIN_TOKEN}x`]) {
      expect((await issue(sale.purchaseId, key)).status).toBe(401);
    }
    for (const key of [sale.customerKey, sale.vendorKey]) {
      expect((await issue(sale.purchaseId, key)).status).toBe(403);
    }
  });
});

describe("503 not_configured", () => {
  it("is closed to everybody while no admin token is set", async () => {
    const unset = await startTestApp({ ADMIN_API_TOKEN: "" });
    for (const key of [ADMIN_TOKEN, "", "undefined"]) {
      const answer = await unset.call("/admin/purchases/pur_1/vendor-key", { method: "POST", key });
      expect(answer).toMatchObject({ status: 503, body: { code: "not_configured" } });
    }
    await unset.close();
  });
});
