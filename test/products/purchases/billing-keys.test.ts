import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findLivingKey } from "../../../src/identity/api-keys.ts";
import { parseMasterKey } from "../../../src/platform/secrets.ts";
import {
  readCustomerKey,
  readVendorKey,
  rotateBillingKey,
  showVendorKey,
} from "../../../src/products/purchases/billing-keys.ts";
import { startTestApp, type TestApp } from "../../support/app.ts";
import { exhaust, sell } from "./sales.ts";

const [ONE, OTHER] = [parseMasterKey("01".repeat(32)), parseMasterKey("02".repeat(32))];

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

it("derives the same key every time, and another for each purchase, purpose and master key", () => {
  expect(readCustomerKey(ONE, "pur_1")).toBe(readCustomerKey(ONE, "pur_1"));
  const keys = [
    readCustomerKey(ONE, "pur_1"),
    readCustomerKey(ONE, "pur_2"),
    readCustomerKey(OTHER, "pur_1"),
    readVendorKey(ONE, "pur_1"),
    readVendorKey(OTHER, "pur_1"),
  ];
  expect(new Set(keys.map((key) => key.slice(4))).size).toBe(keys.length);
});

it("names its kind and carries 256 bits", () => {
  expect(readCustomerKey(ONE, "pur_1")).toMatch(/^cbk_[A-Za-z0-9_-]{43}$/);
  expect(readVendorKey(ONE, "pur_1")).toMatch(/^vbk_[A-Za-z0-9_-]{43}$/);
});

describe("showVendorKey", () => {
  it("shows the key that was registered with the sale", async () => {
    const { purchaseId } = await sell(app);
    const { key } = await showVendorKey(app.context, { purchaseId });
    expect(await findLivingKey(app.database, { kind: "vendor", key, now: Date.now() })).toMatchObject({
      subject: purchaseId,
    });
  });

  it("makes up no key for a purchase that does not exist", async () => {
    await expect(showVendorKey(app.context, { purchaseId: "pur_none" })).rejects.toMatchObject({
      code: "purchase_not_found",
    });
  });
});

describe("rotateBillingKey", () => {
  const rotate = (purchaseId: string, change: object = {}) =>
    rotateBillingKey(app.context, { purchaseId, kind: "vendor", overlapSeconds: 0, requestKey: null, ...change });
  const lives = async (kind: "vendor" | "customer", key: string, now = Date.now()) =>
    (await findLivingKey(app.database, { kind, key, now })) !== undefined;

  it("A16: the new key works at once, the old one till its overlap ends", async () => {
    const { purchaseId, vendorKey, customerKey } = await sell(app);
    const { key, generation } = await rotate(purchaseId, { overlapSeconds: 60 });
    expect(generation).toBe(2);
    expect([await lives("vendor", key), await lives("vendor", vendorKey)]).toEqual([true, true]);
    expect(await lives("vendor", vendorKey, Date.now() + 61_000)).toBe(false);
    await rotate(purchaseId);
    expect([await lives("vendor", key), await lives("customer", customerKey)]).toEqual([false, true]);
    expect((await showVendorKey(app.context, { purchaseId })).generation).toBe(3);
  });

  it("A05: asked again for the same request it shows the key it made, also after a later rotation", async () => {
    const { purchaseId } = await sell(app);
    const first = await rotate(purchaseId, { requestKey: "r1" });
    await rotate(purchaseId, { requestKey: "r2" });
    expect(await rotate(purchaseId, { requestKey: "r1" })).toEqual(first);
    expect((await showVendorKey(app.context, { purchaseId })).generation).toBe(3);
  });

  it("ten at once make ten generations, and one key lives", async () => {
    const { purchaseId } = await sell(app);
    const made = await Promise.all(Array.from({ length: 10 }, () => rotate(purchaseId)));
    expect(new Set(made.map(({ generation }) => generation)).size).toBe(10);
    const living = await Promise.all(made.map(({ key }) => lives("vendor", key)));
    expect(living.filter(Boolean)).toHaveLength(1);
    const newest = await showVendorKey(app.context, { purchaseId });
    expect([await lives("vendor", newest.key), newest.generation]).toEqual([true, 11]);
  });

  it("refuses purchases that do not exist or are being ended", async () => {
    await expect(rotate("pur_none")).rejects.toMatchObject({ code: "purchase_not_found" });
    const sale = await sell(app, "5");
    await exhaust(app, sale, "4.96");
    for (const status of ["terminating", "refunding", "terminated"]) {
      await app.owner("purchases").where("id", sale.purchaseId).update({ status });
      await expect(rotate(sale.purchaseId)).rejects.toMatchObject({ code: "purchase_terminated" });
    }
  });
});

it("keeps no key in the database, only its hash", async () => {
  const { customerKey, vendorKey } = await sell(app);
  const { rows } = await app.database.raw<{ rows: { text: string }[] }>("SELECT k::text AS text FROM api_keys k");
  expect(rows.length).toBeGreaterThan(1);
  expect(rows.some(({ text }) => text.includes(customerKey.slice(4)) || text.includes(vendorKey.slice(4)))).toBe(false);
});
