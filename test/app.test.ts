import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openDatabase } from "../src/platform/database/pool.ts";
import { connect } from "./platform/sockets/socket-client.ts";
import { OFFER, sell } from "./products/purchases/sales.ts";
import { ADMIN_TOKEN, startTestApp, type TestApp } from "./support/app.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp({ RATE_LIMITS: "on", MAX_BODY_BYTES: "2048", CORS_ORIGINS: "https://shop.example" });
});
afterAll(() => app.close());

describe("every endpoint", () => {
  it.each(["/health", "/livez", "/readyz", "/openapi.json"])("%s answers without a key", async (path) => {
    expect((await app.call(path)).status).toBe(200);
  });

  it("serves its reference page and its metrics as text", async () => {
    for (const path of ["/docs", "/metrics"]) {
      const { status, headers } = await app.call(path);
      expect([status, headers.get("content-type")?.startsWith("text/")]).toEqual([200, true]);
    }
  });

  it("explains each problem a room declares under the address its type names", async () => {
    const { body } = await app.call("/offer/none");
    const page = await app.call(String(body.type));
    expect(page).toMatchObject({ status: 200, body: { code: "offer_not_found" } });
  });
});

describe("what is none of ours", () => {
  it("404 not_found for an unknown path, 405 with Allow for a wrong method", async () => {
    expect(await app.call("/nothing")).toMatchObject({ status: 404, body: { code: "not_found" } });
    const wrong = await app.call("/checkout/initiate");
    expect([wrong.status, wrong.headers.get("allow")]).toEqual([405, "POST, OPTIONS"]);
  });
});

describe("A12: bodies that are no request", () => {
  const initiate = (raw: string, headers: Readonly<Record<string, string>> = {}) =>
    app.call("/checkout/initiate", { raw, headers });

  it.each([
    ["malformed_json", "{"],
    ["malformed_json", "["],
    ["malformed_json", '{"offer_id":"a","offer_id":"b"}'],
    ["malformed_json", '{"offer_id":1e400}'],
    ["malformed_json", "[".repeat(1_000)],
    ["malformed_json", '{"__proto__":{}}'],
    ["invalid_request", "[]"],
    ["invalid_request", '"text"'],
    ["invalid_request", "null"],
  ])("400 %s for %j", async (code, raw) => {
    expect(await initiate(raw)).toMatchObject({ status: 400, body: { code } });
  });

  it("413 beyond the configured size, 415 for another type, and a byte order mark is skipped", async () => {
    const huge = JSON.stringify({ offer_id: OFFER, tracer: "x".repeat(3_000) });
    expect(await initiate(huge)).toMatchObject({ status: 413, body: { code: "body_too_large" } });
    expect(await initiate("{}", { "content-type": "text/plain" })).toMatchObject({ status: 415 });
    expect((await initiate(`\uFEFF{"offer_id":"${OFFER}"}`)).status).toBe(200);
  });
});

describe("CORS", () => {
  it("lets in only the origins of the configuration, with credentials", async () => {
    const from = (origin: string) => app.call(`/offer/${OFFER}`, { headers: { origin } });
    const [ours, other] = [await from("https://shop.example"), await from("https://evil.example")];
    expect(ours.headers.get("access-control-allow-origin")).toBe("https://shop.example");
    expect(ours.headers.get("access-control-allow-credentials")).toBe("true");
    expect(other.headers.get("access-control-allow-origin")).toBeNull();
  });
});

it("lets pages of the frontend follow sessions over sockets, as they may call", async () => {
  const origin = "https://app.example";
  const open = await startTestApp({ FRONTEND_URL: `${origin}/shop` });
  const url = `${open.server.url.replace("http", "ws")}/ws`;
  const page = await connect(url, { origin });
  await expect(connect(url, { origin: "https://evil.example" })).rejects.toThrow("refused 403");
  page.socket.terminate();
  await page.closed;
  await open.close();
});

describe("429 rate_limited", () => {
  it("stops one address from opening checkouts without end, and says when to come back", async () => {
    const before = await app.database("checkouts").count();
    const first = await app.call("/checkout/initiate", { json: {} });
    const limit = Number(/q=([0-9]+)/.exec(first.headers.get("ratelimit-policy") ?? "")?.[1]);
    expect(limit).toBeGreaterThan(5);
    let last = first;
    for (let count = 0; count <= limit && last.status !== 429; count += 1) {
      last = await app.call("/checkout/initiate", { json: {} });
    }
    expect(last).toMatchObject({ status: 429, body: { code: "rate_limited" } });
    expect(Number(last.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(await app.database("checkouts").count()).toEqual(before);
  });

  it("does not hold metering back by what its address did", async () => {
    const sale = await sell(app);
    const json = { usage_amount: "1", usage_unit: "GB_MONTH" };
    const metered = await app.call(`/purchase/${sale.purchaseId}/meter-usage`, { key: sale.vendorKey, json });
    expect(metered.status).toBe(200);
  });
});

it("503 not_configured on operators' routes when no admin token is set, whatever is sent", async () => {
  const closed = await startTestApp({ ADMIN_API_TOKEN: "" });
  const answer = await closed.call("/admin/purchases/x/vendor-key", { method: "POST", key: ADMIN_TOKEN });
  expect(answer).toMatchObject({ status: 503, body: { code: "not_configured" } });
  await closed.close();
});

it("503 unavailable, with nothing of the inside, while the database is away", async () => {
  const gone = openDatabase("postgres://nobody:hush@127.0.0.1:9/none", { maxConnections: 1, name: "gone" });
  const lost = await startTestApp({}, () => ({ database: gone }));
  const answer = await lost.call(`/offer/${OFFER}`);
  expect(answer).toMatchObject({ status: 503, body: { code: "unavailable" } });
  expect(JSON.stringify(answer.body)).not.toMatch(/127\.0\.0\.1|hush|ECONN/);
  expect((await lost.call("/readyz")).status).toBe(503);
  expect((await lost.call("/livez")).status).toBe(200);
  await gone.destroy();
  await lost.close();
});
