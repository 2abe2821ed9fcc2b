import { afterAll, beforeAll, expect, it } from "vitest";
import { type AccessApp, addAsset, dataOf, register, startAccessApp, type TestMerchant } from "../access-app.ts";
import { sellSession } from "../sold-session.ts";

let app: AccessApp;
let merchant: TestMerchant;
beforeAll(async () => {
  app = await startAccessApp({ RATE_LIMITS: "on" });
  merchant = await register(app);
});
afterAll(() => app.close());

const status = (id: string) => app.call(`/api/v1/assets/${id}/status`);

it("200: says whether an asset can be had, and until when it is used", async () => {
  const { id } = await addAsset(app, merchant);
  const free = await status(id);
  expect(free.headers.get("cache-control")).toBe("no-store");
  expect(dataOf(free)).toEqual({
    ...{ assetId: id, merchantId: merchant.id, name: "RTX 4090 Gaming Rig #1", description: null, type: "gpu" },
    ...{ status: "available", isAvailable: true, occupiedUntil: null, serverTime: expect.any(String) },
    ...{ pricePerUnit: "0.10", unit: "minute", unitSeconds: 60 },
  });
  const session = await sellSession(app, id);
  expect(dataOf(await status(id))).toMatchObject({
    ...{ status: "occupied", isAvailable: false, occupiedUntil: session.expiresAt.toISOString() },
  });
});

it("200: maintenance is the merchant's word and wins", async () => {
  const { id } = await addAsset(app, merchant, { status: "maintenance" });
  expect(dataOf(await status(id))).toMatchObject({ status: "maintenance", isAvailable: false });
});

it("shows nothing of the session that uses it", async () => {
  const { id } = await addAsset(app, merchant);
  const session = await sellSession(app, id);
  const text = JSON.stringify((await status(id)).body);
  for (const secret of [session.id, session.payer, session.tokenSealed, "sess_"])
    expect(text.includes(secret)).toBe(false);
});

it("404 asset_not_found, whatever the id looks like", async () => {
  for (const id of ["gpu-node-01", "%F0%9F%A6%91", "' OR 1=1", "../admin"].map(encodeURIComponent)) {
    expect(await status(id)).toMatchObject({ status: 404, body: { code: "asset_not_found" } });
  }
});

it("is asked as often as anybody likes", async () => {
  const { id } = await addAsset(app, merchant);
  const answers = await Promise.all(Array.from({ length: 150 }, () => status(id)));
  expect(answers.every((answer) => answer.status === 200 && answer.headers.get("ratelimit") === null)).toBe(true);
});
