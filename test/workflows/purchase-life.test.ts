import { Context } from "@temporalio/activity";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { accounts } from "../../src/ledger/chart-of-accounts.ts";
import { refundPaidInTokens } from "../../src/ledger/postings/refunds.ts";
import type { LifecycleNeeds } from "../../src/products/purchases/advance-purchase.ts";
import { advancePurchase } from "../../src/products/purchases/advance-purchase.ts";
import { cancelPurchase } from "../../src/products/purchases/cancel-purchase.ts";
import { listEvents } from "../../src/products/purchases/event-store.ts";
import { finishPhase } from "../../src/products/purchases/finish-phase.ts";
import { recordUsage } from "../../src/products/purchases/record-usage.ts";
import { readUsageResult } from "../../src/products/purchases/usage-result.ts";
import { charge, lifecycleNeeds, refill, type Sale, sellUnprovisioned } from "../products/purchases/sales.ts";
import { startTestApp, type TestApp } from "../support/app.ts";
import { startDevServer, temporalMissing } from "../support/temporal.ts";
import { type Fakes, type StagedWorkflow, toStaged, withWorkflow } from "./workflow-stage.ts";

let app: TestApp;
let environment: Awaited<ReturnType<typeof startDevServer>>;
beforeAll(async () => {
  if (temporalMissing !== undefined) return;
  [app, environment] = await Promise.all([startTestApp(), startDevServer()]);
}, 600_000);
afterAll(async () => {
  await environment?.teardown();
  await app?.close();
});

/** Does its work and dies before it can say so, the first time it is asked: what a kill between effect and report looks like. */
function diesOnce<Input, Answer>(work: (input: Input) => Promise<Answer>): (input: Input) => Promise<Answer> {
  return async (input) => {
    const answer = await work(input);
    if (Context.current().info.attempt === 1) throw new Error("the worker was killed");
    return answer;
  };
}

function refundingNeeds(): LifecycleNeeds {
  return {
    ...lifecycleNeeds(app),
    refundRemainder: async (transaction, { key, account, amount }) => {
      await app.context.ledger.postIn(
        transaction,
        refundPaidInTokens({ refundId: key, account, chain: "local", token: "USDC", amount, heldAt: "treasury" }),
      );
      return [{ id: key, amount, status: "paid" }];
    },
  };
}

/** Our own activities on a real database, each of them dying once at every call; the steps only leave their names. */
function mortalActivities(steps: string[]): Fakes {
  const needs = refundingNeeds();
  return {
    // No second worker serves the queue of long steps here.
    advancePurchase: diesOnce(async (input) => {
      const view = await advancePurchase(needs, input);
      return { ...view, steps: view.steps.map((step) => ({ ...step, long: false })) };
    }),
    finishPhase: diesOnce((input) => finishPhase(needs, input)),
    runStep: diesOnce(async ({ phase, step }) => void steps.push(`${phase} ${step}`)),
    recordUsage: diesOnce((input) => recordUsage(app.context, input)),
    noteParked: async () => {},
    clearParked: async () => {},
  };
}

const told = async (sale: Sale) =>
  (await listEvents(app.database, sale.purchaseId)).filter(({ notify }) => notify).map(({ type }) => type.slice(9));

describe.skipIf(temporalMissing !== undefined)("a purchase's whole life", () => {
  it("T01: with its worker lost at each await and each activity is still one life, every stage told once", async () => {
    const sale = await sellUnprovisioned(app, "5");
    const suspends = app.owner.raw(`terms || '{"suspend_at": "critical"}'`);
    await app.owner("purchases").where("id", sale.purchaseId).update({ terms: suspends });
    const steps: string[] = [];
    const stage = { environment, type: "purchase" };
    const input = { fakes: mortalActivities(steps), id: sale.purchaseId, cachedWorkflows: 0 };
    await withWorkflow(stage, input, async (started) => {
      const workflow: StagedWorkflow = toStaged(environment.client.workflow.getHandle(started.workflowId));
      let wakes = 0;
      const untilTold = async (type: string) => {
        wakes += 1;
        await workflow.signal("wake", wakes);
        await expect.poll(() => told(sale)).toContain(type);
      };
      await untilTold("active");
      await charge(app, sale, "4.6");
      await untilTold("suspended");
      await refill(app, sale, "4.6");
      await untilTold("resumed");
      await workflow.signal("recordUsage", { event_id: "e-1", usage_amount: "10", usage_unit: "GB_MONTH" });
      await expect
        .poll(() => workflow.query("getUsageResult", "e-1"))
        .toMatchObject({ outcome: "charged", amount: "0.3128" });
      await cancelPurchase(app.context, { purchaseId: sale.purchaseId, isConfirmed: true });
      await untilTold("terminated");
      expect(await workflow.result()).toBe("terminated");
    });
    expect(await told(sale)).toEqual([
      "active",
      ...["balance_low", "balance_critical", "suspended", "resumed"],
      ...["cancelled", "refunding", "refunded", "terminated"],
    ]);
    expect([...new Set(steps)]).toEqual([
      ...["provision create_bucket", "provision protect_bucket", "provision grant_access"],
      ...["suspend restrict_access", "resume restore_access"],
      ...["terminate revoke_access", "terminate empty_bucket", "terminate delete_bucket"],
    ]);
    const { rows } = await app.database.raw<{ rows: { balance: string }[] }>(
      "SELECT b.balance FROM balances b JOIN ledger_accounts a ON a.id = b.account_id WHERE a.name = ?",
      [accounts.purchase(sale.purchaseId)],
    );
    expect(rows[0]?.balance).toBe("0");
    const event = { purchaseId: sale.purchaseId, eventId: "e-1" };
    expect(await readUsageResult(app.context, event)).toMatchObject({ outcome: "charged", billed_amount: "0.3128" });
  }, 180_000);
});
