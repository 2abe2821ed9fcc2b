import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AccessApp, addAsset, dataOf, register, startAccessApp, type TestMerchant } from "../access-app.ts";
import { sellSession } from "../sold-session.ts";

let app: AccessApp;
let merchant: TestMerchant;
beforeAll(async () => {
  app = await startAccessApp();
  merchant = await register(app);
});
afterAll(() => app.close());

const update = (id: string, json: unknown, key = merchant.key) =>
  app.call(`/api/v1/assets/${id}`, { method: "PATCH", key, json });
const shown = async (id: string) => dataOf(await app.call(`/api/v1/assets/${id}/status`));

describe("200", () => {
  it("changes only what is sent, under both of the seed's paths", async () => {
    const { id, body } = await addAsset(app, merchant, { metadata: { a: 1 } });
    const changed = dataOf(await update(id, { name: "Rig #2", metadata: { b: 2 } }));
    expect(changed).toEqual({ ...body, name: "Rig #2", metadata: { b: 2 }, updatedAt: expect.any(String) });
    const other = await app.call(`/api/v1/merchant/assets/${id}`, {
      method: "PATCH",
      key: merchant.key,
      json: { type: "iot" },
    });
    expect(dataOf(other)).toEqual({ ...changed, type: "iot", updatedAt: expect.any(String) });
    expect(dataOf(await update(id, { description: "loud" })).description).toBe("loud");
    expect(dataOf(await update(id, { description: null })).description).toBeNull();
  });

  it("goes from one unit to another with the length that belongs to it", async () => {
    const { id } = await addAsset(app, merchant);
    expect(dataOf(await update(id, { unit: "session", sessionMinutes: 30 }))).toMatchObject({ unitSeconds: 1_800 });
    expect(dataOf(await update(id, { name: "still half an hour" }))).toMatchObject({ unitSeconds: 1_800 });
    expect(dataOf(await update(id, { sessionSeconds: 60 }))).toMatchObject({ unit: "session", unitSeconds: 60 });
    expect(dataOf(await update(id, { unit: "hour" }))).toMatchObject({ unitSeconds: 3_600 });
    expect(await update(id, { unit: "session" })).toMatchObject({
      status: 400,
      body: { code: "session_length_invalid" },
    });
    expect(await update(id, { sessionSeconds: 5 })).toMatchObject({ body: { code: "session_length_invalid" } });
  });

  it("takes an asset out and back; a session that runs goes on, and its holder is told", async () => {
    const { id } = await addAsset(app, merchant);
    const session = await sellSession(app, id);
    expect((await shown(id)).status).toBe("occupied");
    expect(dataOf(await update(id, { status: "maintenance" })).status).toBe("maintenance");
    await update(id, { status: "maintenance" });
    expect(dataOf(await update(id, { status: "available" })).status).toBe("occupied");
    const row = await app.owner("access_sessions").where("id", session.id).first();
    expect([row.status, row.expires_at]).toEqual(["active", session.expiresAt]);
    const told = await app
      .owner("access_session_events")
      .where({ session_id: session.id, type: "asset_maintenance" })
      .orderBy("seq");
    expect(told.map(({ data }) => data)).toEqual([
      { assetId: id, inMaintenance: true },
      { assetId: id, inMaintenance: false },
    ]);
  });

  it("loses no change when many come at once", async () => {
    const { id } = await addAsset(app, merchant);
    const changes = [
      { name: "N" },
      { description: "D" },
      { type: "printer" },
      { pricePerUnit: "3" },
      { metadata: { m: 1 } },
    ];
    await Promise.all(changes.map((change) => update(id, change)));
    const own = await app.call("/api/v1/merchant/assets?limit=1", { key: merchant.key });
    expect(Object(own.body.data)[0]).toMatchObject({
      ...{ name: "N", description: "D", type: "printer", pricePerUnit: "3.00", metadata: { m: 1 } },
    });
  });
});

describe("404 asset_not_found", () => {
  it("A09: for another merchant's asset, which stays as it is, and for one that never was", async () => {
    const [{ id }, stranger] = [await addAsset(app, merchant), await register(app)];
    const before = await app.owner("assets").where("id", id).first();
    for (const unknown of [id, "gpu-node-01", "00000000-0000-7000-8000-000000000000", "%00", "x".repeat(150)]) {
      const answer = await update(unknown, { name: "Mine now" }, stranger.key);
      expect(answer).toMatchObject({ status: 404, body: { code: "asset_not_found" } });
    }
    expect(await app.owner("assets").where("id", id).first()).toEqual(before);
  });
});

describe("400 invalid_request", () => {
  it.each([
    {},
    [],
    null,
    { status: "occupied" },
    { name: null },
    { metadata: { blob: "\ud800" } },
    { pricePerUnit: 1 },
  ])("for %j", async (json) => {
    const { id } = await addAsset(app, merchant);
    expect(await update(id, json)).toMatchObject({ status: 400, body: { code: "invalid_request" } });
  });

  it.each(["merchantId", "assetId", "id", "unitSeconds", "createdAt", "price", "inMaintenance"])(
    "that names %s, even beside members that may be written: none is",
    async (member) => {
      const { id } = await addAsset(app, merchant);
      const { status, body } = await update(id, { name: "Changed", [member]: "x" });
      expect([status, body.code]).toEqual([400, "invalid_request"]);
      expect(body.detail).toContain(member);
      expect((await shown(id)).name).toBe("RTX 4090 Gaming Rig #1");
    },
  );

  it("metadata_too_large leaves the metadata as it was", async () => {
    const { id } = await addAsset(app, merchant, { metadata: { kept: true } });
    const { body } = await update(id, { name: "Changed", metadata: { blob: "x".repeat(20_000) } });
    expect(body.code).toBe("metadata_too_large");
    expect(await app.owner("assets").where("id", id).first()).toMatchObject({ metadata: { kept: true } });
  });
});

describe("401", () => {
  it("without a key", async () => {
    const { id } = await addAsset(app, merchant);
    expect((await update(id, { name: "x" }, "")).status).toBe(401);
  });
});
