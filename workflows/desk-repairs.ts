import {
  ActivityFailure,
  ApplicationFailure,
  defineUpdate,
  patched,
  setHandler,
  TemporalFailure,
  workflowInfo,
} from "@temporalio/workflow";
import { repairs } from "./activity-proxies.ts";
import type { RepairAnswer, RepairName, RepairRequest } from "./contracts.ts";

const TEXT_LIMIT = 500;
const MEMBER_LIMIT = 20;

/** Which repairs a workflow takes, and the activity that performs one and writes it down. */
export type DeskRepairs = {
  readonly names: readonly RepairName[];
  readonly perform: (request: RepairRequest & { readonly action: RepairName }) => Promise<RepairAnswer>;
};

/** What the handlers do with the desk: tell it that something was repaired, and answer as before an audit table existed. */
export type RepairEffects = {
  readonly repaired: (answer: RepairAnswer, request: RepairRequest) => void;
  readonly retryAsBefore: (request: RepairRequest) => string;
};

/** The repairs of a purchase: all there are. */
export function purchaseRepairs(purchaseId: string): DeskRepairs {
  return {
    names: [
      "retryStep",
      "skipStep",
      "reassignDeposit",
      "extendGrace",
      "terminateNow",
      "refund",
      "resumeSweep",
      "confirmRefund",
      "refuseRefund",
    ],
    perform: (request) => repairs.repairPurchase({ purchaseId, request }),
  };
}

/** The repairs of any workflow: the step it stands still at is tried at once, and whatever `more` names. */
export function workflowRepairs(more: readonly RepairName[] = []): DeskRepairs {
  return {
    names: ["retryStep", ...more],
    perform: (request) => repairs.repairWorkflow({ subject: workflowInfo().workflowId, request }),
  };
}

/**
 * Takes repairs as Updates. A handler calls one activity, which refuses or performs and writes down, and returns its answer; a refusal
 * reaches the caller with its permanent code, and whatever happens the workflow goes on: what a handler throws is always a failure
 * Temporal knows. The validator only looks at the shape.
 */
export function answerRepairs(taken: DeskRepairs, effects: RepairEffects): void {
  for (const action of taken.names) {
    const update = defineUpdate<RepairAnswer | string, [RepairRequest]>(action);
    const perform = (request: RepairRequest) => performRepair(taken, effects, { ...request, action });
    const answer = (request: RepairRequest) =>
      action === "retryStep" && !patched("repairs-written-down") ? effects.retryAsBefore(request) : perform(request);
    setHandler(update, answer, { validator: refuseShapeless });
  }
}

async function performRepair(
  taken: DeskRepairs,
  effects: RepairEffects,
  request: RepairRequest & { readonly action: RepairName },
): Promise<RepairAnswer> {
  try {
    const answer = await taken.perform(request);
    effects.repaired(answer, request);
    return answer;
  } catch (error) {
    throw toRefusal(error);
  }
}

/** A plain error in an Update handler would stop the workflow for good, so none ever leaves one. */
function toRefusal(error: unknown): TemporalFailure {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  if (cause instanceof ApplicationFailure)
    return ApplicationFailure.nonRetryable(cause.message, cause.type ?? "repair_failed");
  if (error instanceof TemporalFailure && !(error instanceof ActivityFailure)) return error;
  return ApplicationFailure.nonRetryable(
    "The repair was not answered in time. Send it again with the same requestId.",
    "repair_unanswered",
  );
}

function refuseShapeless(request: unknown): void {
  if (!isRepairRequest(request))
    throw ApplicationFailure.nonRetryable(
      'Send one object: {"actor", "note", "requestId"} as texts, and what the repair itself needs.',
      "invalid_repair",
    );
}

function isRepairRequest(request: unknown): boolean {
  if (typeof request !== "object" || request === null || Array.isArray(request)) return false;
  const members = Object.entries(request);
  const { actor, note, requestId } = Object.fromEntries(members);
  const isSigned = [actor, note, requestId].every((text) => typeof text === "string" && text.length <= TEXT_LIMIT);
  return isSigned && requestId !== "" && members.length <= MEMBER_LIMIT;
}
