import { afterAll, beforeAll, expect, it } from "vitest";
import { ADMIN_TOKEN, startTestApp, type TestApp } from "../../../support/app.ts";
import { mend, park, repairOf } from "../repairs/repair-world.ts";
import { sell } from "../sales.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

it("lists what operators did, newest first, of everything and of one purchase", async () => {
  const [one, other] = [await sell(app), await sell(app)];
  for (const sale of [one, other]) {
    await park(app, sale, null);
    await mend(app, sale, repairOf("retryStep"));
  }
  const first = await app.call("/admin/actions?limit=1", { key: ADMIN_TOKEN });
  expect(first).toMatchObject({ status: 200, body: { actions: [{ subject: `purchase/${other.purchaseId}` }] } });
  const rest = await app.call(`/admin/actions?limit=1&cursor=${first.body.next_cursor}`, { key: ADMIN_TOKEN });
  expect(rest).toMatchObject({ body: { actions: [{ subject: `purchase/${one.purchaseId}` }], next_cursor: null } });
  const own = await app.call(`/admin/actions?subject=purchase/${one.purchaseId}`, { key: ADMIN_TOKEN });
  expect(own.body.actions).toHaveLength(1);
  expect([401, 403]).toContain((await app.call("/admin/actions", { key: one.customerKey })).status);
  expect((await app.call("/admin/actions?cursor=x", { key: ADMIN_TOKEN })).status).toBe(400);
});
