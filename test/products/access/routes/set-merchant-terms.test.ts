import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newId } from "../../../../src/platform/ids.ts";
import { ADMIN_TOKEN } from "../../../support/app.ts";
import { type AccessApp, addAsset, dataOf, register, startAccessApp } from "../access-app.ts";

const SIGNED = { actor: "ops@shop", note: "agreed by mail" } as const;

let app: AccessApp;
beforeAll(async () => {
  app = await startAccessApp();
});
afterAll(() => app.close());

const set = (id: string, json: object, key = ADMIN_TOKEN) =>
  app.call(`/admin/merchants/${id}`, { method: "PATCH", key, json: { ...SIGNED, ...json } });
const actions = (id: string) => app.owner("operator_actions").where("subject", `merchant/${id}`).orderBy("number");

describe("200", () => {
  it("gives a merchant a rate of its own, and takes it back, written down with who and why", async () => {
    const { id, key } = await register(app);
    expect(dataOf(await set(id, { feeBasisPoints: 50 }))).toMatchObject({ merchantId: id, feeBasisPoints: 50 });
    expect(dataOf(await app.call("/api/v1/merchant", { key })).platformFeeBasisPoints).toBe(50);
    expect(dataOf(await set(id, { feeBasisPoints: null })).feeBasisPoints).toBeNull();
    expect(dataOf(await app.call("/api/v1/merchant", { key })).platformFeeBasisPoints).toBe(200);
    const [first, second] = await actions(id);
    expect(first).toMatchObject({ ...SIGNED, action: "setMerchantTerms", input: { feeBasisPoints: 50 } });
    expect(second.outcome.data.before).toMatchObject({ feeBasisPoints: 50 });
  });

  it("ends a merchant at once and lets it sell again, with a new key: revoked ones stay revoked", async () => {
    const merchant = await register(app);
    const { id: assetId } = await addAsset(app, merchant);
    await set(merchant.id, { isActive: false });
    await expect.poll(async () => (await app.call("/api/v1/merchant", { key: merchant.key })).status).toBe(401);
    expect((await app.call(`/api/v1/assets/${assetId}/status`)).status).toBe(404);
    expect(dataOf(await set(merchant.id, { isActive: true })).isActive).toBe(true);
    expect((await app.call(`/api/v1/assets/${assetId}/status`)).status).toBe(200);
    expect((await app.call("/api/v1/merchant", { key: merchant.key })).status).toBe(401);
  });

  it("does one request once, however often it is sent, and refuses its id for another", async () => {
    const { id } = await register(app);
    const requestId = newId("req");
    await Promise.all(Array.from({ length: 4 }, () => set(id, { refundsUnused: true, requestId })));
    await set(id, { refundsUnused: false });
    expect(dataOf(await set(id, { refundsUnused: true, requestId })).refundsUnused).toBe(false);
    expect(await actions(id)).toHaveLength(2);
    expect(await set(id, { feeBasisPoints: 1, requestId })).toMatchObject({
      ...{ status: 409, body: { code: "request_id_reused" } },
    });
  });
});

describe("refusals change nothing", () => {
  it("409 settlement_wallet_missing where the platform has no wallet to settle at", async () => {
    const { id } = await register(app);
    expect(await set(id, { settlementMode: "custodial", feeBasisPoints: 9 })).toMatchObject({
      ...{ status: 409, body: { code: "settlement_wallet_missing" } },
    });
    expect(await app.owner("merchants").where("id", id).first()).toMatchObject({
      ...{ settlement_mode: "direct", fee_basis_points: null },
    });
    expect(await actions(id)).toEqual([]);
  });

  it("404 merchant_not_found", async () => {
    expect(await set("mer_nobody", { refundsUnused: true })).toMatchObject({
      ...{ status: 404, body: { code: "merchant_not_found" } },
    });
  });

  it.each([
    {},
    { feeBasisPoints: 10_001 },
    { feeBasisPoints: -1 },
    { feeBasisPoints: 1.5 },
    { feeBasisPoints: "200" },
    { settlementMode: "treasury" },
    { isActive: null },
    { walletAddress: "0x1", isActive: true },
    { isActive: true, actor: "" },
  ])("400 invalid_request for %j", async (json) => {
    const { id } = await register(app);
    expect(await set(id, json)).toMatchObject({ status: 400, body: { code: "invalid_request" } });
  });

  it("401 and 403: a merchant sets nobody's terms, least of all its own", async () => {
    const { id, key } = await register(app);
    expect((await set(id, { feeBasisPoints: 0 }, "")).status).toBe(401);
    expect((await set(id, { feeBasisPoints: 0 }, key)).status).toBe(403);
  });
});
