import { afterAll, beforeAll, expect, it } from "vitest";
import { listMerchants } from "../../../../src/products/access/merchants/list-merchants.ts";
import { type AccessRows, startAccessRows } from "../access-rows.ts";

let rows: AccessRows;
beforeAll(async () => {
  rows = await startAccessRows();
});
afterAll(() => rows.close());

it("ends a list exactly at its last merchant", async () => {
  const made = [await rows.register("A_1"), await rows.register("AB1")].map(({ merchantId }) => merchantId);
  const search = { isActive: null, search: null, before: null, limit: 2 };
  const page = await listMerchants(rows.needs, search);
  expect([page.items.map(({ id }) => id), page.nextCursor]).toEqual([made.toReversed(), null]);
  const part = await listMerchants(rows.needs, { ...search, search: "a_" });
  expect(part.items.map(({ name }) => name)).toEqual(["A_1"]);
});
