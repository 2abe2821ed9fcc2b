import { afterAll, afterEach, beforeAll, expect, it, vi } from "vitest";
import { createPurchaseCache } from "../../../src/products/purchases/purchase-cache.ts";
import { updatePurchase } from "../../../src/products/purchases/purchase-store.ts";
import { startTestApp, type TestApp } from "../../support/app.ts";
import { sell, sellUnprovisioned } from "./sales.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterEach(() => {
  vi.restoreAllMocks();
  app.database.removeAllListeners("query");
});
afterAll(() => app.close());

/** Counts statements from here on. */
function statements(): () => number {
  let count = 0;
  app.database.on("query", () => {
    count += 1;
  });
  return () => count;
}

/** Moves the cache's own sense of time. */
function passSeconds(seconds: number): void {
  const now = performance.now();
  vi.spyOn(performance, "now").mockImplementation(() => now + seconds * 1_000);
}

it("answers 1,000 readers of one purchase with one query", async () => {
  const { purchaseId } = await sell(app);
  const cache = createPurchaseCache(app.database);
  const count = statements();
  const read = await Promise.all(Array.from({ length: 1_000 }, () => cache.read(purchaseId)));
  await cache.read(purchaseId);
  expect(new Set(read.map((purchase) => purchase?.id))).toEqual(new Set([purchaseId]));
  expect(count()).toBe(1);
});

it("knows a new status after five seconds, and no earlier than it must ask", async () => {
  const { purchaseId } = await sell(app);
  const cache = createPurchaseCache(app.database);
  await cache.read(purchaseId);
  await updatePurchase(app.database, { id: purchaseId, status: "terminated", graceEndsAt: null });
  passSeconds(4.9);
  expect((await cache.read(purchaseId))?.status).toBe("active");
  passSeconds(5.1);
  expect((await cache.read(purchaseId))?.status).toBe("terminated");
});

it("does not remember that a purchase is missing", async () => {
  const cache = createPurchaseCache(app.database);
  expect(await cache.read("pur_soon")).toBeNull();
  const { purchaseId } = await sellUnprovisioned(app);
  expect(await cache.read(purchaseId)).not.toBeNull();
  const count = statements();
  await cache.read("pur_soon");
  await cache.read("pur_soon");
  expect(count()).toBe(2);
});

it("does not remember a failure", async () => {
  const { purchaseId } = await sell(app);
  const cache = createPurchaseCache(app.database);
  await app.owner.raw("ALTER TABLE purchases RENAME TO purchases_away");
  await expect(cache.read(purchaseId)).rejects.toMatchObject({ code: "42P01" });
  await app.owner.raw("ALTER TABLE purchases_away RENAME TO purchases");
  expect((await cache.read(purchaseId))?.id).toBe(purchaseId);
});
