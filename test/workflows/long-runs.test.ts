import { ApplicationFailure } from "@temporalio/common";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { PurchaseView, TimelineEntry } from "../../workflows/contracts.ts";
import { startDevServer, temporalMissing } from "../support/temporal.ts";
import { type Fakes, inTurn, repair, type StagedWorkflow, toStaged, withWorkflow } from "./workflow-stage.ts";

const WAIT: PurchaseView = { status: "active", next: "wait", steps: [], deadline: null, details: "Active." };
const DONE: PurchaseView = { ...WAIT, status: "terminated", next: "done", details: "Gone." };

let environment: Awaited<ReturnType<typeof startDevServer>>;

// A run is called long after 60 events, so that a test sees many runs.
beforeAll(async () => {
  if (temporalMissing === undefined) environment = await startDevServer(["limit.historyCount.suggestContinueAsNew=60"]);
}, 600_000);
afterAll(() => environment?.teardown());

const purchase = () => ({ environment, type: "purchase" });

/** The workflow whatever run it is in by now. */
const latest = (workflow: StagedWorkflow) => toStaged(environment.client.workflow.getHandle(workflow.workflowId));

async function firstLine(workflow: StagedWorkflow): Promise<TimelineEntry> {
  const [first] = await latest(workflow).query<readonly TimelineEntry[]>("getTimeline");
  if (first === undefined) throw new Error("the timeline is empty");
  return first;
}

/** Workflow ids that a search finds, once the index has them. */
async function found(query: string): Promise<readonly string[]> {
  const ids: string[] = [];
  for await (const { workflowId } of environment.client.workflow.list({ query })) ids.push(workflowId);
  return ids;
}

describe.skipIf(temporalMissing !== undefined)("a workflow that lives for months", () => {
  it("begins fresh runs under a stream of wakes, loses none of them and keeps its timeline", async () => {
    let truth = 0;
    let seen = 0;
    const runs = new Set<string>();
    const fakes: Fakes = {
      advancePurchase: async () => {
        seen = truth;
        return { ...WAIT, status: seen % 2 === 0 ? "active" : "low" };
      },
    };
    await withWorkflow(purchase(), { fakes }, async (workflow) => {
      await expect.poll(async () => (await latest(workflow).timeline()).length).toBeGreaterThan(0);
      const begun = await firstLine(workflow);
      for (let sequence = 1; sequence <= 150; sequence += 1) {
        truth = sequence;
        await latest(workflow).signal("wake", sequence);
        if (sequence % 10 === 0) {
          await expect.poll(() => seen).toBe(sequence);
          runs.add((await latest(workflow).describe()).runId);
        }
      }
      await expect.poll(() => seen).toBe(150);
      expect(runs.size).toBeGreaterThan(2);
      expect(await firstLine(workflow)).toEqual(begun);
      expect((await latest(workflow).describe()).historyLength).toBeLessThan(150);
      await latest(workflow).terminate();
    });
  });

  it("parked for long stays one to-do item through all its runs, and knows the repairs it has answered", async () => {
    let isBroken = true;
    const fakes: Fakes = {
      advancePurchase: async () => {
        if (isBroken) throw ApplicationFailure.nonRetryable("the books are closed", "books_closed");
        return DONE;
      },
    };
    await withWorkflow(purchase(), { fakes }, async (workflow) => {
      const first = workflow.workflowId;
      const firstRun = (await workflow.describe()).runId;
      await expect.poll(async () => (await latest(workflow).state()).stuck?.code).toBe("books_closed");
      const { stuck } = await latest(workflow).state();
      for (let count = 1; count <= 12; count += 1) {
        const answer = () => latest(workflow).retryStep(repair(`r${count}`));
        // A run that is just beginning may refuse for a moment; the same request id makes asking again harmless.
        expect(await answer().catch(answer)).toMatchObject({ requestId: `r${count}` });
      }
      await expect.poll(async () => (await latest(workflow).describe()).runId).not.toBe(firstRun);
      expect(await latest(workflow).retryStep(repair("r1"))).toMatchObject({ requestId: "r1" });
      expect((await latest(workflow).state()).stuck?.since).toBe(stuck?.since);
      await expect.poll(() => found('NeedsReview=true AND ExecutionStatus="Running"')).toEqual([first]);
      isBroken = false;
      expect(await latest(workflow).retryStep(repair("last"))).toMatchObject({ requestId: "last" });
      expect(await latest(workflow).result()).toBe("terminated");
      expect(await latest(workflow).timeline()).toContain("No longer stuck at look at the balance.");
    });
  });
});

describe.skipIf(temporalMissing !== undefined)("the list of workflows", () => {
  it("finds a purchase by its status, its account and whether it needs somebody, as each changes", async () => {
    const deadline = new Date(Date.now() + 3_600_000).toISOString();
    const views = inTurn<PurchaseView>([
      WAIT,
      { ...WAIT, status: "grace", deadline, details: "Out of balance." },
      { ...WAIT, status: "critical" },
      DONE,
    ]);
    await withWorkflow(purchase(), { fakes: { advancePurchase: views.next } }, async (workflow) => {
      const id = workflow.workflowId;
      const account = `AccountId="${id}"`;
      await expect.poll(() => found(`${account} AND PurchaseStatus="active"`)).toEqual([id]);
      await workflow.signal("wake", 1);
      await expect.poll(() => found(`${account} AND PurchaseStatus="grace"`)).toEqual([id]);
      expect(await found(`${account} AND ExpiresAt > "${new Date().toISOString()}"`)).toEqual([id]);
      expect(await workflow.details()).toBe("Out of balance.");
      await workflow.signal("wake", 2);
      await expect.poll(() => found(`${account} AND PurchaseStatus="critical" AND ExpiresAt IS NULL`)).toEqual([id]);
      expect(await found(`${account} AND NeedsReview=true`)).toEqual([]);
      await workflow.signal("wake", 3);
      await workflow.result();
      await expect.poll(() => found(`${account} AND ExecutionStatus="Completed"`)).toEqual([id]);
    });
  });
});
