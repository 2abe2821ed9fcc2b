import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AccessApp, addAsset, dataOf, register, rowsOf, startAccessApp } from "../access-app.ts";
import { sellSession } from "../sold-session.ts";

let app: AccessApp;
beforeAll(async () => {
  app = await startAccessApp();
});
afterAll(() => app.close());

const deactivate = (key: string) => app.call("/api/v1/auth/deactivate", { method: "DELETE", key });

describe("200", () => {
  it("ends keys and selling at once, while a session that runs goes on", async () => {
    const merchant = await register(app);
    const [used, free] = [await addAsset(app, merchant), await addAsset(app, merchant)];
    const session = await sellSession(app, used.id);
    expect(dataOf(await deactivate(merchant.key))).toEqual({
      merchantId: merchant.id,
      isActive: false,
      runningSessions: 1,
    });
    await expect.poll(async () => (await app.call("/api/v1/merchant", { key: merchant.key })).status).toBe(401);
    for (const { id } of [used, free]) expect((await app.call(`/api/v1/assets/${id}/status`)).status).toBe(404);
    expect(rowsOf(await app.call(`/api/v1/assets?merchant=${merchant.id}`))).toEqual([]);
    expect((await app.owner("access_sessions").where("id", session.id).first()).status).toBe("active");
  });

  it("is once, however many ask at the same time, and no asset is added behind it", async () => {
    const merchant = await register(app);
    const answers = await Promise.all([
      ...Array.from({ length: 4 }, () => deactivate(merchant.key)),
      ...Array.from({ length: 4 }, () =>
        app.call("/api/v1/assets", {
          key: merchant.key,
          json: { name: "Rig", pricePerUnit: "0.05", unit: "minute", type: "gpu" },
        }),
      ),
    ]);
    for (const { status } of answers) expect([200, 201, 401, 409]).toContain(status);
    expect(answers.some(({ status }) => status === 200)).toBe(true);
    const added = answers.filter(({ status }) => status === 201).length;
    expect(await app.owner("assets").where("merchant_id", merchant.id)).toHaveLength(added);
    expect(rowsOf(await app.call(`/api/v1/assets?merchant=${merchant.id}`))).toEqual([]);
    const row = await app.owner("merchants").where("id", merchant.id).first();
    expect([row.is_active, row.deactivated_at instanceof Date]).toEqual([false, true]);
  });

  it("leaves other merchants alone", async () => {
    const [leaving, staying] = [await register(app), await register(app)];
    const { id } = await addAsset(app, staying);
    await deactivate(leaving.key);
    expect((await app.call(`/api/v1/assets/${id}/status`)).status).toBe(200);
    expect((await app.call("/api/v1/merchant", { key: staying.key })).status).toBe(200);
  });
});

describe("401", () => {
  it("without a key, and with one that was revoked by it", async () => {
    const { key } = await register(app);
    expect((await app.call("/api/v1/auth/deactivate", { method: "DELETE" })).status).toBe(401);
    await deactivate(key);
    await expect.poll(async () => (await deactivate(key)).status).toBe(401);
  });
});
