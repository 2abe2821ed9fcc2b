import { Worker } from "@temporalio/worker";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ensureSchedules, type ScheduleRule } from "../../../src/platform/temporal/schedules.ts";
import { MAIN_QUEUE } from "../../../src/platform/temporal/task-queues.ts";
import { schedules } from "../../../src/schedules.ts";
import { startDevServer, temporalMissing } from "../../support/temporal.ts";
import { workflowBundle } from "../../support/workflow-bundle.ts";

let environment: Awaited<ReturnType<typeof startDevServer>>;
beforeAll(async () => {
  if (temporalMissing === undefined) environment = await startDevServer();
}, 600_000);
afterAll(() => environment?.teardown());

let rule: ScheduleRule;
beforeEach(() => {
  rule = {
    id: `release-${crypto.randomUUID().slice(0, 8)}`,
    workflow: "releaseStaleHolds",
    spec: { intervals: [{ every: "5 minutes" }] },
    summary: "Books: holds whose time has come are freed",
  };
});

const ensure = (...rules: readonly ScheduleRule[]) => ensureSchedules(environment.client, rules);
const handle = () => environment.client.schedule.getHandle(rule.id);

describe.skipIf(temporalMissing !== undefined)("a schedule", () => {
  it("is made when there is none, on the queue of short work, never two runs of it at once", async () => {
    await ensure(rule);
    const made = await handle().describe();
    expect(made).toMatchObject({
      spec: { intervals: [{ every: 300_000 }] },
      action: { workflowType: "releaseStaleHolds", workflowId: rule.id, taskQueue: MAIN_QUEUE },
      policies: { overlap: "SKIP", catchupWindow: 86_400_000 },
      state: { paused: false },
    });
  });

  it("is brought up to date by the next start of a worker, not made twice", async () => {
    await ensure(rule);
    await ensure({ ...rule, workflow: "reconcileLedger", spec: { intervals: [{ every: "1 hour" }] } });
    expect(await handle().describe()).toMatchObject({
      spec: { intervals: [{ every: 3_600_000 }] },
      action: { workflowType: "reconcileLedger" },
    });
  });

  it("that an operator paused stays paused, with the operator's reason", async () => {
    await ensure(rule);
    await handle().pause("the books are being moved");
    await ensure({ ...rule, spec: { intervals: [{ every: "1 hour" }] } });
    expect((await handle().describe()).state).toMatchObject({ paused: true, note: "the books are being moved" });
  });

  it("stands as the rule says when several workers start at the same time", async () => {
    await Promise.all(Array.from({ length: 4 }, () => ensure(rule)));
    expect((await handle().describe()).spec.intervals).toMatchObject([{ every: 300_000 }]);
  });

  it("does its work when it is triggered, under an id that begins with its own", async () => {
    let freed = 0;
    await ensure(rule);
    const worker = await Worker.create({
      connection: environment.nativeConnection,
      taskQueue: MAIN_QUEUE,
      workflowBundle: await workflowBundle(),
      activities: { expireHolds: async () => (freed += 1) },
    });
    await worker.runUntil(async () => {
      await handle().trigger();
      await expect.poll(() => freed).toBe(1);
    });
    const [run] = (await handle().describe()).info.recentActions;
    expect(run?.action.workflow.workflowId).toMatch(new RegExp(`^${rule.id}`));
  });

  it("T06: due again while a run still goes, it starts no second one", async () => {
    let looks = 0;
    let finish = () => {};
    const running = new Promise<void>((resolve) => {
      finish = resolve;
    });
    await ensure({ ...rule, workflow: "findStuck" });
    let [atOnce, most] = [0, 0];
    const findStuck = async () => {
      looks += 1;
      atOnce += 1;
      most = Math.max(most, atOnce);
      await running;
      atOnce -= 1;
      return "nothing is stuck";
    };
    const worker = await Worker.create({
      connection: environment.nativeConnection,
      taskQueue: MAIN_QUEUE,
      workflowBundle: await workflowBundle(),
      activities: { findStuck },
    });
    await worker.runUntil(async () => {
      await handle().trigger("SKIP");
      await expect.poll(() => looks).toBe(1);
      for (let more = 0; more < 3; more += 1) await handle().trigger("SKIP");
      await expect
        .poll(async () => (await handle().describe()).info.numActionsSkippedOverlap)
        .toBeGreaterThanOrEqual(1);
      finish();
      await expect.poll(async () => (await handle().describe()).info.runningActions).toEqual([]);
    });
    expect(most).toBe(1);
  });

  it("of every rule we have is one Temporal accepts", async () => {
    await ensure(...schedules);
    for (const { id, workflow } of schedules)
      expect(await environment.client.schedule.getHandle(id).describe()).toMatchObject({
        action: { workflowType: workflow },
      });
  });
});
