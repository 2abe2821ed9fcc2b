import type { WorkflowHandle } from "@temporalio/client";
import { ApplicationFailure } from "@temporalio/common";
import type { TestWorkflowEnvironment } from "@temporalio/testing";
import { Worker } from "@temporalio/worker";
import { z } from "zod";
import type { Activities } from "../../activities/index.ts";
import { longActivations } from "../../src/platform/temporal/long-activations.ts";
import type {
  CarriedState,
  EntityState,
  RepairAnswer,
  RepairRequest,
  TimelineEntry,
} from "../../workflows/contracts.ts";
import { workflowBundle } from "../support/workflow-bundle.ts";

/** Activities that stand in for ours: as typed as the real ones, as many as the workflow under test calls. */
export type Fakes = Partial<Activities>;

/** One workflow under test and what a person or a program may ask of it. */
export type StagedWorkflow = WorkflowHandle & {
  readonly state: () => Promise<EntityState>;
  readonly timeline: () => Promise<readonly string[]>;
  readonly details: () => Promise<string>;
  readonly retryStep: (request: RepairRequest) => Promise<RepairAnswer>;
};

const Request = z.object({ requestId: z.string(), action: z.string() });
const Metadata = z.object({ currentDetails: z.string().optional() });

/**
 * Runs `body` while a worker with these activities serves one fresh workflow, on a queue of its own. `body` sees the workflow closed
 * before it ends, or the clock stands still for the tests after it.
 */
export async function withWorkflow(
  stage: { readonly environment: TestWorkflowEnvironment; readonly type: string },
  input: {
    readonly fakes: Fakes;
    readonly id?: string;
    readonly carried?: CarriedState;
    /** 0 has the workflow read from its history at every await, as after a kill of its worker there. */
    readonly cachedWorkflows?: number;
    /** What happens after the start and before any worker is there. */
    readonly unattended?: (workflow: StagedWorkflow) => Promise<void>;
  },
  body: (workflow: StagedWorkflow) => Promise<void>,
): Promise<void> {
  const { environment, type } = stage;
  const id = input.id ?? crypto.randomUUID().slice(0, 8);
  const taskQueue = `${type}-${id}`;
  const worker = await Worker.create({
    ...longActivations(),
    connection: environment.nativeConnection,
    taskQueue,
    workflowBundle: await workflowBundle(),
    activities: { ...keepRepairs(), ...input.fakes },
  });
  const handle = await environment.client.workflow.start(type, {
    workflowId: `${type}/${id}`,
    taskQueue,
    args: [{ id, ...(input.carried === undefined ? {} : { carried: input.carried }) }],
  });
  const workflow = toStaged(handle);
  try {
    await input.unattended?.(workflow);
    await worker.runUntil(() => body(workflow));
  } catch (error) {
    // A workflow left open would hold the clock of every test after this one.
    await handle.terminate().catch(() => undefined);
    throw error;
  }
}

/** Repairs as Postgres would keep them: one answer per request id, and nothing to retry while nothing is parked. */
function keepRepairs(): Fakes {
  const answers = new Map<string, RepairAnswer>();
  const parked = new Set<string>();
  const repairOnce = (subject: string, request: unknown): RepairAnswer => {
    const { requestId, action } = Request.parse(request);
    const known = answers.get(requestId);
    if (known !== undefined) return known;
    if (!parked.has(subject)) throw ApplicationFailure.nonRetryable("Nothing is stuck here.", "not_stuck");
    const answer = { requestId, subject, action, outcome: "Tried again.", data: {}, actedAt: new Date().toISOString() };
    answers.set(requestId, answer);
    return answer;
  };
  return {
    noteParked: async ({ subject }) => void parked.add(subject),
    clearParked: async ({ subject }) => void parked.delete(subject),
    repairPurchase: async ({ purchaseId, request }) => repairOnce(`purchase/${purchaseId}`, request),
    repairWorkflow: async ({ subject, request }) => repairOnce(subject, request),
  };
}

/** The same handle with our own questions on it. */
export function toStaged(handle: WorkflowHandle): StagedWorkflow {
  return {
    ...handle,
    state: () => handle.query<EntityState>("getState"),
    timeline: async () => {
      const entries = await handle.query<readonly TimelineEntry[]>("getTimeline");
      return entries.map((entry) => entry.text);
    },
    details: async () => Metadata.parse(await handle.query("__temporal_workflow_metadata")).currentDetails ?? "",
    retryStep: (request) => handle.executeUpdate<RepairAnswer, [RepairRequest]>("retryStep", { args: [request] }),
  };
}

/** A counter that answers the views one after another and then the last one for ever. */
export function inTurn<View>(views: readonly [View, ...View[]]): {
  readonly next: () => Promise<View>;
  readonly asked: () => number;
} {
  let asked = 0;
  return {
    next: async () => {
      const view = views[Math.min(asked, views.length - 1)] ?? views[0];
      asked += 1;
      return view;
    },
    asked: () => asked,
  };
}

/** A repair as an operator sends it. */
export function repair(requestId: string): RepairRequest {
  return { actor: "operations", note: "the cause is gone", requestId };
}
