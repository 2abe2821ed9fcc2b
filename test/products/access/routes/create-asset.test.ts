import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newId } from "../../../../src/platform/ids.ts";
import { type AccessApp, addAsset, register, startAccessApp, type TestMerchant } from "../access-app.ts";

const RIG = { name: "RTX 4090 Gaming Rig #1", pricePerUnit: "0.10", unit: "minute", type: "gpu" } as const;

let app: AccessApp;
let merchant: TestMerchant;
beforeAll(async () => {
  app = await startAccessApp({ UNIT_TYPE: "hour" });
  merchant = await register(app);
});
afterAll(() => app.close());

const create = (json: unknown, key = merchant.key) => app.call("/api/v1/assets", { key, json });
const count = async () => Number((await app.owner("assets").count({ count: "*" }).first())?.count);

describe("201", () => {
  it("answers the seed's own call in the seed's own words", async () => {
    const metadata = { location: "Nairobi", specs: "RTX 4090, 64GB RAM" };
    const { status, headers, body } = await app.call("/api/v1/assets", {
      headers: { "x-api-key": merchant.key },
      json: { ...RIG, metadata },
    });
    expect(status).toBe(201);
    expect(body).toEqual({
      status: "success",
      data: {
        ...{ assetId: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/) },
        ...{ merchantId: merchant.id, name: RIG.name, description: null, type: "gpu", status: "available" },
        ...{ pricePerUnit: "0.10", unit: "minute", unitSeconds: 60, metadata },
        ...{ createdAt: expect.any(String), updatedAt: expect.any(String) },
      },
      message: "The asset is on sale.",
    });
    expect(headers.get("location")).toBe(`/api/v1/assets/${Object(body.data).assetId}/status`);
  });

  it("answers the seed's checklist, whose curl names no content type", async () => {
    const headers = { "x-api-key": merchant.key, "content-type": "application/x-www-form-urlencoded" };
    const raw = '{"name":"Test GPU","pricePerUnit":"0.05","unit":"minute","type":"gpu"}';
    const created = await app.call("/api/v1/assets", { headers, raw });
    expect(created).toMatchObject({ status: 201, body: { data: { pricePerUnit: "0.05" } } });
    const form = await app.call("/api/v1/assets", { headers, raw: "name=Test&pricePerUnit=0.05" });
    expect(form).toMatchObject({ status: 400, body: { code: "malformed_json" } });
  });

  it.each([
    [{ unit: "day" }, 86_400],
    [{ unit: "session", sessionSeconds: 1 }, 1],
    [{ unit: "session", sessionMinutes: 90 }, 5_400],
    [{ unit: "session", sessionSeconds: 31_536_000 }, 31_536_000],
    [{ unit: undefined }, 3_600],
  ])("%j lasts %i seconds a unit; without one the server's own unit counts", async (terms, unitSeconds) => {
    expect((await create({ ...RIG, ...terms })).body.data).toMatchObject({ unitSeconds });
  });

  it.each([
    ["0.000001", "0.000001"],
    ["9999999.999999", "9999999.999999"],
    ["0007", "7.00"],
    ["2.5", "2.50"],
  ])("keeps the price %s exactly, as %s", async (pricePerUnit, shown) => {
    expect((await create({ ...RIG, pricePerUnit })).body.data).toMatchObject({ pricePerUnit: shown });
  });

  it("keeps names and metadata of every script, and metadata up to its last byte", async () => {
    const metadata = { 名前: ["🦑", null, 1.5, { deep: "\u202eabc" }], "": "empty name" };
    expect((await create({ ...RIG, name: "ギガ🦑", metadata })).body.data).toMatchObject({ name: "ギガ🦑", metadata });
    const filled = { blob: "x".repeat(16_384 - '{"blob": ""}'.length) };
    expect((await create({ ...RIG, metadata: filled })).status).toBe(201);
  });

  it("A02: adds one asset per Idempotency-Key", async () => {
    const before = await count();
    const headers = { "idempotency-key": newId("try") };
    const call = () => app.call("/api/v1/assets", { key: merchant.key, json: RIG, headers });
    const answers = await Promise.all(Array.from({ length: 5 }, call));
    expect((await call()).headers.get("idempotency-replayed")).toBe("true");
    expect(answers.every(({ status }) => status === 201 || status === 409)).toBe(true);
    expect(await count()).toBe(before + 1);
  });

  it("starts in maintenance when it is asked to", async () => {
    expect((await addAsset(app, merchant, { status: "maintenance" })).body.status).toBe("maintenance");
  });
});

describe("400: nothing is added", () => {
  const refused = async (json: unknown) => {
    const before = await count();
    const { status, body } = await create(json);
    expect(await count()).toBe(before);
    return { ...body, status };
  };

  it.each([
    ...["0", "0.00", "-1", "+1", "1e3", "1.0000001", "10000000", ".5", "5.", " 1", "1,5", "٣", "0x10", "", "NaN"],
    ...[0.1, null, true, ["1"]],
  ])("invalid_request for the price %j", async (pricePerUnit) => {
    expect(await refused({ ...RIG, pricePerUnit })).toMatchObject({
      ...{ status: 400, code: "invalid_request", detail: expect.stringContaining("body.pricePerUnit") },
    });
  });

  it.each([
    ["name", ""],
    ["name", "   "],
    ["name", "x".repeat(201)],
    ["name", "\ud800"],
    ["description", "x".repeat(2_001)],
    ["type", "car"],
    ["unit", "year"],
    ["status", "occupied"],
    ["metadata", []],
    ["metadata", "x"],
    ["metadata", null],
    ["metadata", { "a\0": 1 }],
    ["sessionSeconds", 1.5],
    ["sessionSeconds", 0],
  ])("invalid_request for %s = %j", async (member, value) => {
    expect(await refused({ ...RIG, [member]: value })).toMatchObject({
      ...{ status: 400, code: "invalid_request", detail: expect.stringContaining(`body.${member}`) },
    });
  });

  it.each(["merchantId", "merchant_id", "assetId", "id", "price_nanodollars", "inMaintenance", "createdAt"])(
    "invalid_request that names %s, which is not written by merchants",
    async (member) => {
      const given = await refused({ ...RIG, [member]: "mer_other" });
      expect(given).toMatchObject({ status: 400, code: "invalid_request", detail: expect.stringContaining(member) });
    },
  );

  it.each([
    { unit: "session" },
    { unit: "session", sessionSeconds: 60, sessionMinutes: 1 },
    { unit: "minute", sessionSeconds: 60 },
    { unit: "day", sessionMinutes: 5 },
  ])("session_length_invalid for %j", async (terms) => {
    expect(await refused({ ...RIG, ...terms })).toMatchObject({ status: 400, code: "session_length_invalid" });
  });

  it("metadata_too_large, with how much it is and may be, also for numbers and blanks the database adds", async () => {
    const over = { blob: "x".repeat(16_385 - '{"blob": ""}'.length) };
    expect(await refused({ ...RIG, metadata: over })).toMatchObject({
      ...{ status: 400, code: "metadata_too_large", bytes: 16_385, limitBytes: 16_384 },
    });
    const numbers = Object.fromEntries(Array.from({ length: 60 }, (_, place) => [`n${place}`, 1e300]));
    expect(await refused({ ...RIG, metadata: numbers })).toMatchObject({ code: "metadata_too_large" });
    const squids = { blob: "🦑".repeat(4_100) };
    expect(await refused({ ...RIG, metadata: squids })).toMatchObject({ code: "metadata_too_large" });
  });

  it("413 for a body that is larger than any request may be", async () => {
    expect((await create({ ...RIG, metadata: { blob: "x".repeat(2_000_000) } })).status).toBe(413);
  });
});

describe("401", () => {
  it("without a key and with an unknown one", async () => {
    expect([(await create(RIG, "")).status, (await create(RIG, `${merchant.key}x`)).status]).toEqual([401, 401]);
  });
});
