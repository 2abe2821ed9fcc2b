import { afterAll, beforeAll, expect, it } from "vitest";
import { findRotation, insertRotation, readGeneration } from "../../../src/products/purchases/billing-key-store.ts";
import { startTestApp, type TestApp } from "../../support/app.ts";
import { sell } from "./sales.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

it("counts each kind of key by itself, finds a rotation by its request, and keeps what was written", async () => {
  const { purchaseId } = await sell(app);
  const vendor = { purchaseId, kind: "vendor" } as const;
  expect(await readGeneration(app.database, vendor)).toBe(1);
  const rotation = { ...vendor, overlapSeconds: 5 };
  await insertRotation(app.database, { ...rotation, generation: 2, requestKey: "r" });
  await insertRotation(app.database, { ...rotation, generation: 3, requestKey: null });
  expect(await readGeneration(app.database, vendor)).toBe(3);
  expect(await readGeneration(app.database, { purchaseId, kind: "customer" })).toBe(1);
  expect(await findRotation(app.database, { ...vendor, requestKey: "r" })).toBe(2);
  expect(await findRotation(app.database, { ...vendor, requestKey: "other" })).toBeNull();
  await expect(insertRotation(app.database, { ...rotation, generation: 4, requestKey: "r" })).rejects.toThrow();
  await expect(app.database("billing_key_rotations").delete()).rejects.toThrow("permission denied");
});
