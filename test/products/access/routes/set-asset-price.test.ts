import { afterAll, beforeAll, expect, it } from "vitest";
import { type AccessApp, addAsset, dataOf, register, startAccessApp, type TestMerchant } from "../access-app.ts";

let app: AccessApp;
let merchant: TestMerchant;
beforeAll(async () => {
  app = await startAccessApp();
  merchant = await register(app);
});
afterAll(() => app.close());

const setPrice = (id: string, json: unknown, key = merchant.key) =>
  app.call(`/api/v1/assets/${id}/price`, { method: "PATCH", key, json });

it("200: the new price, and nothing else changes", async () => {
  const { id, body } = await addAsset(app, merchant);
  const changed = dataOf(await setPrice(id, { pricePerUnit: "0.25" }));
  expect(changed).toEqual({ ...body, pricePerUnit: "0.25", updatedAt: expect.any(String) });
});

it.each([
  {},
  { pricePerUnit: "0" },
  { pricePerUnit: "0.0000001" },
  { pricePerUnit: 1 },
  { pricePerUnit: "1", name: "x" },
])("400 invalid_request for %j", async (json) => {
  const { id } = await addAsset(app, merchant);
  expect(await setPrice(id, json)).toMatchObject({ status: 400, body: { code: "invalid_request" } });
  expect(dataOf(await app.call(`/api/v1/assets/${id}/status`)).pricePerUnit).toBe("0.10");
});

it("404 asset_not_found for another merchant's, 401 without a key", async () => {
  const [{ id }, stranger] = [await addAsset(app, merchant), await register(app)];
  const price = { pricePerUnit: "0.01" };
  expect(await setPrice(id, price, stranger.key)).toMatchObject({ status: 404, body: { code: "asset_not_found" } });
  expect((await setPrice(id, price, "")).status).toBe(401);
  expect(dataOf(await app.call(`/api/v1/assets/${id}/status`)).pricePerUnit).toBe("0.10");
});
