import { afterAll, beforeAll, expect, it } from "vitest";
import { listOperatorActions } from "../../../../src/platform/operator-action-store.ts";
import { ADMIN_TOKEN, startTestApp, type TestApp } from "../../../support/app.ts";
import { putInto } from "../repairs/repair-world.ts";
import { eventTypes, type Sale, sell } from "../sales.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

const WHY = { actor: "ada", note: "lost with the laptop" };
const send = (id: string, json: unknown, headers: Readonly<Record<string, string>> = {}, key: string = ADMIN_TOKEN) =>
  app.call(`/admin/purchases/${id}/customer-key`, { key, json, headers });
const read = (sale: Sale, key: string) => app.call(`/purchase/${sale.purchaseId}`, { key });
const actionsOf = ({ purchaseId }: Sale) =>
  listOperatorActions(app.database, { subject: `purchase/${purchaseId}`, limit: 10 });

it("shows a new key that works at once, ends the old one, writes down who did it, and tells the customer", async () => {
  const sale = await sell(app);
  const { status, body } = await send(sale.purchaseId, WHY);
  expect([status, body]).toEqual([
    200,
    {
      purchase_id: sale.purchaseId,
      customer_billing_api_key: expect.stringMatching(/^cbk_/),
      ...{ generation: 2, overlap_seconds: 0 },
    },
  ]);
  const key = String(body.customer_billing_api_key);
  expect((await read(sale, key)).status).toBe(200);
  expect((await read(sale, sale.customerKey)).status).toBe(401);
  const actions = await actionsOf(sale);
  expect(actions).toMatchObject([{ action: "reissueCustomerKey", ...WHY }]);
  expect(await eventTypes(app, sale)).toContain("purchase.customer_key_replaced");
  const events: unknown[] = await app.database("purchase_events").where("purchase_id", sale.purchaseId);
  expect(JSON.stringify([actions, events])).not.toContain(key);
});

it("A05: gives whoever repeats it the same key, written down and told once", async () => {
  const sale = await sell(app);
  const headers = { "idempotency-key": `reissue-${sale.purchaseId}` };
  const first = await send(sale.purchaseId, WHY, headers);
  expect((await send(sale.purchaseId, WHY, headers)).body).toEqual(first.body);
  expect(await actionsOf(sale)).toHaveLength(1);
  const told = (await eventTypes(app, sale)).filter((type) => type === "purchase.customer_key_replaced");
  expect(told).toHaveLength(1);
});

it("lets the old key work on for as long as it is told to", async () => {
  const sale = await sell(app);
  await send(sale.purchaseId, { ...WHY, overlap_seconds: 600 });
  expect((await read(sale, sale.customerKey)).status).toBe(200);
});

it.each([
  ["nobody's name", { actor: undefined }],
  ["no reason", { note: undefined }],
  ["an overlap below zero", { overlap_seconds: -1 }],
])("changes nothing for %s", async (_what, change) => {
  const sale = await sell(app);
  expect((await send(sale.purchaseId, { ...WHY, ...change })).status).toBe(400);
  expect((await read(sale, sale.customerKey)).status).toBe(200);
});

it("gives no key to what has ended, to what is not there, or to anybody but the operator (A09)", async () => {
  const sale = await sell(app);
  for (const key of [sale.customerKey, sale.vendorKey, `${ADMIN_TOKEN}x`])
    expect([401, 403]).toContain((await send(sale.purchaseId, WHY, {}, key)).status);
  await putInto(app, sale, "terminating");
  expect(await send(sale.purchaseId, WHY)).toMatchObject({ body: { code: "purchase_terminated" } });
  expect(await send("pur_none", WHY)).toMatchObject({ status: 404, body: { code: "purchase_not_found" } });
});
