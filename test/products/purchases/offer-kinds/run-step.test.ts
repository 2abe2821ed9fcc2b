import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findBucket } from "../../../../src/products/purchases/bucket-store.ts";
import { runOfferStep } from "../../../../src/products/purchases/offer-kinds/run-step.ts";
import { objectStoreMissing, useObjectStore } from "../../../integrations/aws/object-store.ts";
import { startTestApp, type TestApp } from "../../../support/app.ts";
import { exhaust, type Sale, sell, sellUnprovisioned } from "../sales.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

describe.skipIf(objectStoreMissing)("runOfferStep", () => {
  const store = useObjectStore("versitygw");

  function run(sale: Pick<Sale, "purchaseId">, phase: "provision" | "terminate", step: string) {
    const beats: unknown[] = [];
    const needs = { ...app.context, storage: store().storage };
    const input = { purchaseId: sale.purchaseId, phase, step, signal: new AbortController().signal };
    const heartbeat = (now: unknown) => void beats.push(now);
    return runOfferStep(needs, { ...input, heartbeat }).then(() => beats);
  }

  it("runs the step of the purchase's own kind", async () => {
    const sale = await sellUnprovisioned(app);
    await run(sale, "provision", "create_bucket");
    expect(await findBucket(app.database, sale.purchaseId)).toMatchObject({ revokedAt: null, deletedAt: null });
  });

  it("refuses a purchase that does not exist", async () => {
    await expect(run({ purchaseId: "pur_none" }, "provision", "create_bucket")).rejects.toMatchObject({
      code: "purchase_not_found",
    });
  });

  it("fails on a step it does not know, so that a newer worker may run it", async () => {
    await expect(run(await sellUnprovisioned(app), "provision", "polish_bucket")).rejects.toThrow("polish_bucket");
  });

  it("does nothing for a provisioning step that comes late: what was taken away is not given again", async () => {
    const sale = await sell(app, "5");
    await exhaust(app, sale, "4.96");
    await run(sale, "terminate", "revoke_access");
    for (const step of ["create_bucket", "protect_bucket", "grant_access"]) await run(sale, "provision", step);
    expect(await findBucket(app.database, sale.purchaseId)).toMatchObject({
      credentialsSealed: null,
      revokedAt: expect.any(Date),
    });
  });

  it("does nothing for a termination step of a purchase that lives", async () => {
    const sale = await sell(app, "5");
    for (const step of ["revoke_access", "empty_bucket", "delete_bucket"]) await run(sale, "terminate", step);
    expect(await findBucket(app.database, sale.purchaseId)).toMatchObject({
      credentialsSealed: expect.any(String),
      revokedAt: null,
      deletedAt: null,
    });
  });
});
