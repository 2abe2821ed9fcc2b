import { afterAll, beforeAll, expect, it } from "vitest";
import { ADMIN_TOKEN, startTestApp, type TestApp } from "../../../support/app.ts";
import { mend, park, repairOf } from "../repairs/repair-world.ts";
import { type Sale, sell } from "../sales.ts";

let app: TestApp;
let sale: Sale;
beforeAll(async () => {
  app = await startTestApp();
  sale = await sell(app);
  await park(app, sale, { phase: "terminate", stepName: "delete_bucket" });
  await mend(app, sale, repairOf("retryStep"));
});
afterAll(() => app.close());

const read = (id: string, key: string = ADMIN_TOKEN) => app.call(`/admin/purchases/${id}`, { key });

it("tells everything about a purchase: its money, its notices, its wakes, where it stands still and who repaired it", async () => {
  const { status, body } = await read(sale.purchaseId);
  expect(status).toBe(200);
  expect(body).toMatchObject({
    purchase: { id: sale.purchaseId, status: "active", is_destruction_begun: false },
    balance: { available: "5", held: "0" },
    deposits: [{ status: "confirmed", account: `purchase/${sale.purchaseId}` }],
    stuck: [{ step_name: "delete_bucket", code: "object_locked" }],
    actions: [{ action: "retryStep", actor: "operations", subject: `purchase/${sale.purchaseId}` }],
  });
  expect(body.workflows).toContain(`purchase/${sale.purchaseId}`);
  expect(JSON.stringify(body.notices)).toContain("purchase.active");
  expect(JSON.stringify(body.wakes)).toContain(`checkout/${sale.checkout.id}`);
});

it("C08, C20: holds no key, no secret and no address that somebody might send money to", async () => {
  const text = JSON.stringify((await read(sale.purchaseId)).body);
  for (const secret of [sale.customerKey, sale.vendorKey, sale.sessionId, `secret-of-${sale.purchaseId}`])
    expect(text.includes(secret)).toBe(false);
  const senders: { from_address: string }[] = await app.database("deposits").select("from_address");
  expect(senders.length).toBeGreaterThan(0);
  for (const { from_address } of senders) expect(text.toLowerCase().includes(from_address.toLowerCase())).toBe(false);
});

it.each(["pur_none", "__proto__", "%27%20OR%201%3D1%20--"])("does not find %s", async (id) => {
  expect(await read(id)).toMatchObject({ status: 404, body: { code: "purchase_not_found" } });
});

it("A09: answers nobody but the operator", async () => {
  for (const key of [sale.customerKey, sale.vendorKey])
    expect([401, 403]).toContain((await read(sale.purchaseId, key)).status);
});
