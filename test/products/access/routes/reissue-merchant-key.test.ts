import { afterAll, beforeAll, expect, it } from "vitest";
import { ADMIN_TOKEN } from "../../../support/app.ts";
import { type AccessApp, dataOf, register, startAccessApp } from "../access-app.ts";

let app: AccessApp;
beforeAll(async () => {
  app = await startAccessApp();
});
afterAll(() => app.close());

const reissue = (id: string, json: object = {}, init: object = {}) =>
  app.call(`/admin/merchants/${id}/api-key`, {
    ...{ key: ADMIN_TOKEN, json: { actor: "ops@shop", note: "lost it, called back", ...json } },
    ...init,
  });
const status = async (key: unknown) => (await app.call("/api/v1/merchant", { key: String(key) })).status;

it("200: a new key, the old one ends, and the audit row has neither", async () => {
  const merchant = await register(app);
  const reply = await reissue(merchant.id);
  expect(reply.headers.get("cache-control")).toBe("no-store");
  const { apiKey } = dataOf(reply);
  expect(await status(apiKey)).toBe(200);
  await expect.poll(() => status(merchant.key)).toBe(401);
  const rows = await app.owner("operator_actions").where("subject", `merchant/${merchant.id}`);
  expect(rows).toHaveLength(1);
  expect(JSON.stringify(rows).includes(String(apiKey))).toBe(false);
});

it("200: the same Idempotency-Key shows the same key once more", async () => {
  const { id } = await register(app);
  const init = { headers: { "idempotency-key": "call-back-1" } };
  const first = await reissue(id, {}, init);
  expect((await reissue(id, {}, init)).body).toEqual(first.body);
});

it("404, 409, 400 and 401: an unknown merchant, an inactive one, no reason, no token", async () => {
  const { id, key } = await register(app);
  expect(await reissue("mer_nobody")).toMatchObject({ status: 404, body: { code: "merchant_not_found" } });
  expect((await reissue(id, { actor: "" })).status).toBe(400);
  expect((await reissue(id, {}, { key: "" })).status).toBe(401);
  await app.call("/api/v1/auth/deactivate", { method: "DELETE", key });
  expect(await reissue(id)).toMatchObject({ status: 409, body: { code: "merchant_inactive" } });
});
