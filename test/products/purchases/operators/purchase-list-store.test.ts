import { afterAll, beforeAll, expect, it } from "vitest";
import { selectPurchases } from "../../../../src/products/purchases/operators/purchase-list-store.ts";
import { startTestApp, type TestApp } from "../../../support/app.ts";
import { park } from "../repairs/repair-world.ts";
import { finalize, initiate, pay, sell } from "../sales.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

const select = (change: Partial<Parameters<typeof selectPurchases>[1]>) =>
  selectPurchases(app.database, { isStuck: false, needsAttention: false, limit: 100, ...change });
const ids = async (change: Parameters<typeof select>[0]) => (await select(change)).map(({ id }) => id);

it("counts what waits for somebody: a deposit in suspense and a parked sweep of its address, not those of others", async () => {
  const [troubled, calm] = [await sell(app), await sell(app)];
  const [deposit] = await app.database("deposits").where("deposit_address_id", troubled.checkout.depositAddressId);
  const note = { step: "broadcast the sweep", code: "gas_tank_empty", reason: "empty", next_action: "refill" };
  await app.database("parked_workflows").insert({ subject: `sweep/${deposit.id}`, ...note, since: new Date() });
  await pay(app, troubled, "1");
  await app
    .database("deposits")
    .where("deposit_address_id", troubled.checkout.depositAddressId)
    .whereNot("id", deposit.id)
    .update({ status: "suspense", waiting_for: "by hand" });
  const listed = await select({});
  expect(listed.find(({ id }) => id === troubled.purchaseId)?.attention).toBe(2);
  expect(listed.find(({ id }) => id === calm.purchaseId)?.attention).toBe(0);
  expect(await ids({ needsAttention: true })).toEqual([troubled.purchaseId]);
  expect(await ids({ isStuck: true })).toEqual([]);
});

it("tells stuck from merely troubled: only a parked purchase is stuck", async () => {
  const sale = await sell(app);
  await park(app, sale, { phase: "terminate", stepName: "empty_bucket" });
  expect(await ids({ isStuck: true })).toEqual([sale.purchaseId]);
  expect(await ids({ needsAttention: true })).toContain(sale.purchaseId);
});

it("takes what is searched for by the letter: no wildcard of SQL is one here", async () => {
  const session = await initiate(app, { email: "a_b%c@example.org", orgId: "org\\1" });
  await pay(app, session, "5");
  const { purchase } = await finalize(app, session);
  for (const search of ["a_b%", "A_B%C", "org\\"]) expect(await ids({ search })).toEqual([purchase.id]);
  for (const search of ["a%", "_", "%", "axb"]) expect(await ids({ search })).toEqual([]);
});
