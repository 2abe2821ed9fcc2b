import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { exportBillingHistory, readBillingHistory } from "../../../src/products/purchases/billing-history.ts";
import { startTestApp, type TestApp } from "../../support/app.ts";
import { charge, sell } from "./sales.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

const all = { interval: "yearly", from: null, to: null, unit: null } as const;

it("reads nothing of another purchase, and for one that does not exist nothing at all", async () => {
  const [mine, other] = [await sell(app), await sell(app)];
  await charge(app, mine, "1.5");
  const read = async (purchaseId: string) =>
    (await readBillingHistory(app.context, { ...all, purchaseId, cursor: null, limit: 10 })).buckets;
  expect((await read(mine.purchaseId)).map(({ amount }) => amount)).toEqual([1_500_000_000n]);
  expect(await read(other.purchaseId)).toEqual([]);
  expect(await read("pur_none")).toEqual([]);
});

describe("exportBillingHistory", () => {
  it("refuses before it streams", async () => {
    const turned = { from: new Date("2026-02-01"), to: new Date("2026-01-01") };
    await expect(exportBillingHistory(app.context, { ...all, ...turned, purchaseId: "pur_x" })).rejects.toMatchObject({
      code: "billing_range_invalid",
    });
  });

  it("gives one empty page for no usage", async () => {
    const pages: number[] = [];
    for await (const page of await exportBillingHistory(app.context, { ...all, purchaseId: "pur_none" })) {
      pages.push(page.length);
    }
    expect(pages).toEqual([0]);
  });
});
