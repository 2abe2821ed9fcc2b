import { afterAll, beforeAll, expect, it } from "vitest";
import { ADMIN_TOKEN, startTestApp, type TestApp } from "../../../support/app.ts";
import { countActions, repairOf } from "../repairs/repair-world.ts";
import { initiate, pay, sell } from "../sales.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

it("lists a deposit nobody asked for without its sender, until a repair gives it to its owner", async () => {
  const [stray, sale] = [await initiate(app), await sell(app)];
  await app
    .database("deposit_addresses")
    .where("id", stray.checkout.depositAddressId)
    .update({ accepts: ["USDT"] });
  await pay(app, stray, "3");
  const listed = await app.call("/admin/suspense", { key: ADMIN_TOKEN });
  expect(listed).toMatchObject({ status: 200, body: { deposits: [{ amount_units: "3000000" }], next_cursor: null } });
  expect(JSON.stringify(listed.body)).not.toContain("from");
  const row: { id: string } | undefined = await app.database("deposits").where("status", "suspense").first("id");
  const request = repairOf("reassignDeposit", { depositId: row?.id });
  const repaired = await app.call(`/admin/purchases/${sale.purchaseId}/repairs`, { key: ADMIN_TOKEN, json: request });
  expect(repaired).toMatchObject({ status: 200, body: { data: { amount: "3", to: `purchase/${sale.purchaseId}` } } });
  expect(await countActions(app, sale)).toBe(1);
  expect((await app.call("/admin/suspense", { key: ADMIN_TOKEN })).body.deposits).toEqual([]);
  expect([401, 403]).toContain((await app.call("/admin/suspense", { key: sale.customerKey })).status);
});
