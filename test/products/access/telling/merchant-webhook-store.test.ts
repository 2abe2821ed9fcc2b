import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  findMerchantWebhook,
  noteMerchantRefusal,
  saveMerchantWebhook,
} from "../../../../src/products/access/telling/merchant-webhook-store.ts";
import { startTestApp, type TestApp } from "../../../support/app.ts";
import { addMerchant } from "./merchant-rows.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

const save = (merchantId: string, urlSealed: string) =>
  app.database.transaction((transaction) =>
    saveMerchantWebhook(transaction, { merchantId, urlSealed, host: "shop.example" }),
  );

describe("a merchant's webhook", () => {
  it("is not closed by a 410 of the address it had before", async () => {
    const merchantId = await addMerchant(app.database);
    await save(merchantId, "one");
    const before = await findMerchantWebhook(app.database, merchantId);
    if (before === null) throw new Error("not saved");
    await save(merchantId, "two");
    await noteMerchantRefusal(app.database, before);
    expect((await findMerchantWebhook(app.database, merchantId))?.refusedAt).toBeNull();
    await noteMerchantRefusal(app.database, { ...before, urlSealed: "two" });
    expect((await findMerchantWebhook(app.database, merchantId))?.refusedAt).toBeInstanceOf(Date);
    await save(merchantId, "two");
    expect((await findMerchantWebhook(app.database, merchantId))?.refusedAt).toBeNull();
  });

  it("is null where none was set", async () => {
    const merchantId = await addMerchant(app.database);
    expect(await findMerchantWebhook(app.database, merchantId)).toBeNull();
  });
});
