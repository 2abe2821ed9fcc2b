import { afterAll, beforeAll, expect, it } from "vitest";
import {
  beginDestruction,
  hasDestructionBegun,
  insertSkippedStep,
  isStepSkipped,
} from "../../../../src/products/purchases/repairs/repair-store.ts";
import { startTestApp, type TestApp } from "../../../support/app.ts";
import { sell } from "../sales.ts";
import { mend, putInto, repairOf } from "./repair-world.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

it("destroys nothing of a purchase that lives, and calls nothing back that may be destroyed", async () => {
  const sale = await sell(app);
  expect(await beginDestruction(app.database, sale.purchaseId)).toBe(false);
  await putInto(app, sale, "terminating");
  const until = new Date(Date.now() + 86_400_000).toISOString();
  const [begun, extended] = await Promise.allSettled([
    beginDestruction(app.database, sale.purchaseId),
    mend(app, sale, repairOf("extendGrace", { until })),
  ]);
  const isBegun = begun.status === "fulfilled" && begun.value;
  expect(isBegun).not.toBe(extended.status === "fulfilled");
  expect(await hasDestructionBegun(app.database, sale.purchaseId)).toBe(isBegun);
});

it("keeps a step that was left out, with the request it was asked by", async () => {
  const { purchaseId } = await sell(app);
  const step = { purchaseId, phase: "terminate", step: "empty_bucket" };
  expect(await isStepSkipped(app.database, step)).toBe(false);
  await expect(insertSkippedStep(app.database, { ...step, requestId: "nobody asked" })).rejects.toThrow();
  expect(await isStepSkipped(app.database, step)).toBe(false);
});
