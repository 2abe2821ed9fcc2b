import { MockActivityEnvironment } from "@temporalio/testing";
import { DefaultLogger } from "@temporalio/worker";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type PurchaseActivityNeeds, purchaseActivities } from "../../activities/purchases.ts";
import { createStorage } from "../../src/integrations/aws/storage.ts";
import {
  charge,
  finalize,
  initiate,
  lifecycleNeeds,
  paidSession,
  sell,
  sellUnprovisioned,
} from "../products/purchases/sales.ts";
import { startTestApp, type TestApp } from "../support/app.ts";

let app: TestApp;
let needs: PurchaseActivityNeeds;

beforeAll(async () => {
  app = await startTestApp();
  // Nobody is there: what these tests say of steps is what happens before and after a store is asked.
  const storage = createStorage({
    region: "us-east-1",
    identity: "iam",
    endpoint: "http://127.0.0.1:9",
    credentials: { accessKeyId: "nobody", secretAccessKey: "nothing" },
  });
  needs = { ...app.context, ...lifecycleNeeds(app), storage };
});
afterAll(() => app?.close());

const run = <Input, Answer>(activity: (input: Input) => Promise<Answer>, input: Input): Promise<Answer> =>
  new MockActivityEnvironment({}, { logger: new DefaultLogger("ERROR") }).run(activity, input);
const activities = () => purchaseActivities(needs);
const survivesJson = (value: unknown) => expect(JSON.parse(JSON.stringify(value))).toEqual(value);

describe("reviewCheckout", () => {
  it("waits for money until the deadline, and is done when the checkout is finalized", async () => {
    const unpaid = await initiate(app);
    const waiting = await run(activities().reviewCheckout, { checkoutId: unpaid.checkout.id });
    expect(waiting).toMatchObject({ status: "awaiting_deposit", next: "wait" });
    expect(waiting.deadline).toBe(unpaid.checkout.expiresAt.toISOString());

    const paid = await paidSession(app);
    expect(await run(activities().reviewCheckout, { checkoutId: paid.checkout.id })).toMatchObject({ status: "paid" });
    await finalize(app, paid);
    const done = await run(activities().reviewCheckout, { checkoutId: paid.checkout.id });
    expect(done).toMatchObject({ status: "finalized", next: "done" });
    survivesJson(done);
  });

  it("ends quietly for a checkout that is not there", async () => {
    expect(await run(activities().reviewCheckout, { checkoutId: "chk_none" })).toMatchObject({ next: "done" });
  });
});

describe("advancePurchase", () => {
  it("answers the steps of provisioning for a purchase that was just sold, in plain JSON", async () => {
    const sale = await sellUnprovisioned(app);
    const view = await run(activities().advancePurchase, { purchaseId: sale.purchaseId });
    expect(view).toMatchObject({ status: "provisioning", next: "provision" });
    expect(view.steps.length).toBeGreaterThan(0);
    survivesJson(view);
  });

  it("answers the same however often it runs, and what the ledger says afterwards", async () => {
    const sale = await sell(app);
    const first = await run(activities().advancePurchase, { purchaseId: sale.purchaseId });
    const again = await run(activities().advancePurchase, { purchaseId: sale.purchaseId });
    // The details say when the balance was read; all that is decided stays the same.
    expect({ ...again, details: "" }).toEqual({ ...first, details: "" });
    expect(first).toMatchObject({ status: "active", next: "wait", deadline: null });
    await charge(app, sale, "4.99");
    const grace = await run(activities().advancePurchase, { purchaseId: sale.purchaseId });
    expect(grace).toMatchObject({ status: "grace", next: "wait" });
    expect(Date.parse(grace.deadline ?? "")).toBeGreaterThan(Date.now());
  });

  it("ends the workflow of a purchase that is not there: whoever may signal can name one", async () => {
    expect(await run(activities().advancePurchase, { purchaseId: "pur_none" })).toMatchObject({
      status: "unknown",
      next: "done",
    });
  });
});

describe("finishPhase", () => {
  it("makes a provisioned purchase active, once", async () => {
    const sale = await sellUnprovisioned(app);
    const input = { purchaseId: sale.purchaseId, phase: "provision" as const };
    await run(activities().finishPhase, input);
    await run(activities().finishPhase, input);
    expect(await run(activities().advancePurchase, input)).toMatchObject({ status: "active" });
  });

  it("out of order changes nothing: an active purchase is not terminated by it", async () => {
    const sale = await sell(app);
    await run(activities().finishPhase, { purchaseId: sale.purchaseId, phase: "terminate" });
    expect(await run(activities().advancePurchase, sale)).toMatchObject({ status: "active" });
  });
});

describe("runStep", () => {
  it("fails for a step its kind does not have", async () => {
    const sale = await sell(app);
    const input = { purchaseId: sale.purchaseId, phase: "provision" as const, step: "no_such_step" };
    await expect(run(activities().runStep, input)).rejects.toThrow();
  });

  it("fails for good for a purchase that is not there", async () => {
    const input = { purchaseId: "pur_none", phase: "provision" as const, step: "any" };
    await expect(run(activities().runStep, input)).rejects.toMatchObject({ code: "purchase_not_found" });
  });

  it("fails, to be tried again, while the store is away", async () => {
    const sale = await sellUnprovisioned(app);
    const { steps } = await run(activities().advancePurchase, { purchaseId: sale.purchaseId });
    const failures = await Promise.allSettled(
      steps.map(({ name }) =>
        run(activities().runStep, { purchaseId: sale.purchaseId, phase: "provision" as const, step: name }),
      ),
    );
    const reasons = failures.flatMap((failure) => (failure.status === "rejected" ? [failure.reason] : []));
    expect(reasons.length).toBeGreaterThan(0);
    for (const reason of reasons) expect(reason.status ?? 500).toBeGreaterThanOrEqual(500);
  });
});

describe("recordUsage", () => {
  it("charges each event once and answers in order, in plain JSON", async () => {
    const sale = await sell(app);
    const report = (id: string) => ({ event_id: id, usage_amount: "1", usage_unit: "GB_MONTH" });
    const input = { purchaseId: sale.purchaseId, reports: [report("a"), { nonsense: true }, report("b"), report("a")] };
    const results = await run(activities().recordUsage, input);
    expect(results.map(({ outcome, code }) => code ?? outcome)).toEqual([
      "charged",
      "invalid_usage_report",
      "charged",
      "charged",
    ]);
    expect(results[0]?.entryId).toBe(results[3]?.entryId);
    survivesJson(results);
  });
});
