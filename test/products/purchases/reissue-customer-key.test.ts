import { afterAll, beforeAll, expect, it } from "vitest";
import { reissueCustomerKey } from "../../../src/products/purchases/reissue-customer-key.ts";
import { startTestApp, type TestApp } from "../../support/app.ts";
import { countActions } from "./repairs/repair-world.ts";
import { sell } from "./sales.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

it("ten at once under one request id make one key, and the next request another", async () => {
  const { purchaseId, ...sale } = await sell(app);
  const reissue = (requestId: string) =>
    reissueCustomerKey(app.context, { purchaseId, overlapSeconds: 0, requestId, actor: "ada", note: "lost" });
  const made = await Promise.all(Array.from({ length: 10 }, () => reissue("one")));
  expect(new Set(made.map(({ key }) => key)).size).toBe(1);
  expect(made[0]).toMatchObject({ generation: 2 });
  expect(await countActions(app, { ...sale, purchaseId })).toBe(1);
  expect(await reissue("two")).toMatchObject({ generation: 3 });
  expect(await reissue("one")).toEqual(made[0]);
  expect(await countActions(app, { ...sale, purchaseId })).toBe(2);
});
