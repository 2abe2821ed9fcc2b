import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findLivingKey } from "../../../src/identity/api-keys.ts";
import { parseMasterKey } from "../../../src/platform/secrets.ts";
import { readCustomerKey, readVendorKey, showVendorKey } from "../../../src/products/purchases/billing-keys.ts";
import { startTestApp, type TestApp } from "../../support/app.ts";
import { sell } from "./sales.ts";

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
    const key = await showVendorKey(app.context, { purchaseId });
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

it("keeps no key in the database, only its hash", async () => {
  const { customerKey, vendorKey } = await sell(app);
  const { rows } = await app.database.raw<{ rows: { text: string }[] }>("SELECT k::text AS text FROM api_keys k");
  expect(rows.length).toBeGreaterThan(1);
  expect(rows.some(({ text }) => text.includes(customerKey.slice(4)) || text.includes(vendorKey.slice(4)))).toBe(false);
});
