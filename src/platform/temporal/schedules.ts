import type { Client, ScheduleSpec } from "@temporalio/client";
import { ScheduleAlreadyRunning, ScheduleOverlapPolicy } from "@temporalio/client";
import { MAIN_QUEUE } from "./task-queues.ts";

/** One schedule: which workflow it starts and when. The id is also the start of its workflows' ids. */
export type ScheduleRule = {
  readonly id: string;
  readonly workflow: string;
  readonly spec: ScheduleSpec;
  readonly summary: string;
};

/** A run missed for longer than this is not caught up one by one: each run does all there is to do. */
const CATCH_UP = "1 day";

/** Makes Temporal's schedules say what the rules say, at every start of a worker; one that exists is brought up to date. */
export async function ensureSchedules(client: Client, rules: readonly ScheduleRule[]): Promise<void> {
  for (const rule of rules) {
    const wanted = {
      spec: rule.spec,
      action: {
        type: "startWorkflow" as const,
        workflowType: rule.workflow,
        workflowId: rule.id,
        taskQueue: MAIN_QUEUE,
        args: [],
        staticSummary: rule.summary,
      },
      policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: CATCH_UP },
    };
    try {
      await client.schedule.create({ scheduleId: rule.id, ...wanted });
    } catch (error) {
      if (!(error instanceof ScheduleAlreadyRunning)) throw error;
      await client.schedule.getHandle(rule.id).update((existing) => ({ ...wanted, state: existing.state }));
    }
  }
}
