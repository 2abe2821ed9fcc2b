import { afterAll, beforeAll, expect, it } from "vitest";
import type { FinalizeInput } from "../../../../src/products/purchases/finalize.ts";
import { findReach } from "../../../../src/products/purchases/notices/reach-store.ts";
import { startTestApp, type TestApp } from "../../../support/app.ts";
import { finalize, initiate, pay } from "../sales.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

async function reachOf(buyer: Parameters<typeof initiate>[1], finalized: Partial<FinalizeInput> = {}) {
  const session = await initiate(app, buyer);
  await pay(app, session, "5");
  const { purchase } = await finalize(app, session, { officexPurchaseId: "PurchaseID_1", ...finalized });
  return findReach(app.database, purchase.id);
}

it("reaches a buyer by what they gave, at checkout or when they finalized, and by nothing less", async () => {
  const key = { orgApiKey: "key" };
  expect(await reachOf({})).toEqual({ hasEmail: false, hasOfficex: false });
  expect(await reachOf({ email: "a@example.com" })).toEqual({ hasEmail: true, hasOfficex: false });
  expect((await reachOf({ ...key, orgId: "o" })).hasOfficex).toBe(false);
  expect((await reachOf({ orgId: "o", host: "https://h.example" })).hasOfficex).toBe(false);
  expect((await reachOf({ ...key, orgId: "o", host: "https://h.example" })).hasOfficex).toBe(true);
  const buyer = { orgId: "o", orgHost: "https://h.example", userId: null };
  expect((await reachOf(key, { buyer })).hasOfficex).toBe(true);
  expect((await reachOf(key, { buyer, officexPurchaseId: null })).hasOfficex).toBe(false);
  expect(await findReach(app.database, "pur_none")).toEqual({ hasEmail: false, hasOfficex: false });
});
