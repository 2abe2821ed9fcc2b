import { afterAll, beforeAll, expect, it } from "vitest";
import { listPurchases } from "../../../../src/products/purchases/operators/list-purchases.ts";
import { startTestApp, type TestApp } from "../../../support/app.ts";
import { park, putInto } from "../repairs/repair-world.ts";
import { charge, type Sale, sell } from "../sales.ts";

let app: TestApp;
let sales: readonly Sale[];
beforeAll(async () => {
  app = await startTestApp();
  sales = [await sell(app), await sell(app), await sell(app), await sell(app)];
});
afterAll(() => app.close());

const all = { isStuck: false, needsAttention: false };

it("continues a page where the one before ended, whatever its size, and says when there is no more", async () => {
  const newestFirst = sales.map(({ purchaseId }) => purchaseId).reverse();
  for (const limit of [1, 2, 3, 4, 5]) {
    const seen: string[] = [];
    let before: string | undefined;
    do {
      const page = await listPurchases(app.context, { ...all, limit, before });
      expect(page.purchases.length).toBeLessThanOrEqual(limit);
      seen.push(...page.purchases.map(({ id }) => id));
      before = page.nextCursor ?? undefined;
    } while (before !== undefined);
    expect(seen).toEqual(newestFirst);
  }
});

it("shows what is available now, and one reason to stand still", async () => {
  const sale = await sell(app, "5");
  await charge(app, sale, "1.25");
  await putInto(app, sale, "grace");
  await park(app, sale, null);
  const { purchases } = await listPurchases(app.context, { ...all, isStuck: true, limit: 10 });
  expect(purchases).toMatchObject([
    {
      id: sale.purchaseId,
      status: "grace",
      balance: "3.75",
      needs_attention: true,
      stuck: { step: "look at the balance", reason: "2 objects are locked", next_action: "retryStep" },
    },
  ]);
});

it("answers an empty page where nothing matches", async () => {
  const page = await listPurchases(app.context, { ...all, limit: 10, search: "pur_unknown" });
  expect(page).toEqual({ purchases: [], nextCursor: null });
});
