import {
  ActivityFailure,
  ApplicationFailure,
  allHandlersFinished,
  condition,
  continueAsNew,
  defineQuery,
  defineSignal,
  defineUpdate,
  isCancellation,
  patched,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from "@temporalio/workflow";
import type { CarriedState, EntityInput, EntityState, RepairRequest, StuckReport, TimelineEntry } from "./contracts.ts";
import { messages } from "./contracts.ts";
import type { DeskFacts, DeskView } from "./desk-view.ts";
import { describeStuck, factAttributes, shorten, stuckAttributes, viewAttributes } from "./desk-view.ts";

const TIMELINE_LIMIT = 50;
const ANSWERED_LIMIT = 20;
const TEXT_LIMIT = 500;
const STUCK_RETRY = "5 minutes";
const LONG_RUN_EVENTS = 8_000;
const NEXT_ACTION = "Fix the cause, then send the Update `retryStep`; it is also tried again by itself.";

type DeskState = {
  view: DeskView;
  stuck: StuckReport | null;
  lastSequence: number;
  wakes: number;
  repairs: number;
  readonly answered: string[];
  readonly timeline: TimelineEntry[];
};

type Retry = "5 minutes" | "15 seconds";

/**
 * Where operators see why a workflow waits and get it going again: search attributes, current details, the timeline, the
 * `getState` and `getTimeline` queries, the `retryStep` Update, and the wake signal. One desk per workflow, opened before the first
 * await so that no message is missed. Handlers only set flags: what they throw would wedge or fail the workflow.
 */
export function openDesk(input: EntityInput, facts: DeskFacts = {}) {
  const state = openState(input.carried);
  answerSignals(state);
  answerRepairs(state);
  upsertSearchAttributes([...factAttributes(facts), ...viewAttributes(state.view), ...stuckAttributes(state.stuck)]);
  render(state);

  const renew = async (): Promise<void> => {
    await condition(allHandlersFinished);
    await continueAsNew<(next: EntityInput) => Promise<unknown>>({ id: input.id, carried: carry(state) });
  };
  const renewWhenLong = async (): Promise<void> => {
    const { continueAsNewSuggested, historyLength } = workflowInfo();
    if (continueAsNewSuggested || historyLength > LONG_RUN_EVENTS) await renew();
  };
  return {
    /** How many wakes came, repetitions of the last one not counted; compare before and after to know whether to look again. */
    wakes: () => state.wakes,
    /** Adds a line to the timeline. */
    note: (text: string) => note(state, text),
    /** Puts a decision on show: status, plain words, and the deadline if one runs. */
    show: (next: DeskView) => show(state, next),
    /**
     * Runs a step until it succeeds. When its retries are used up the workflow parks: it says so, sets NeedsReview, and tries again
     * after a pause, at once when an operator sends `retryStep`, and at a wake: something it waits for may have changed. However long that lasts the history stays short: every workflow
     * here can begin again from what Postgres says. Cancellation passes through.
     */
    insist: async <T>(step: string, run: () => Promise<T>, retryAfter: Retry = STUCK_RETRY): Promise<T> => {
      for (;;) {
        try {
          const result = await run();
          unpark(state);
          return result;
        } catch (error) {
          if (isCancellation(error)) throw error;
          park(state, step, error);
        }
        const before = state.repairs;
        const wakesBefore = patched("wake-retries-parked-step") ? state.wakes : Number.POSITIVE_INFINITY;
        await condition(() => state.repairs > before || state.wakes > wakesBefore, retryAfter, {
          summary: `Try again: ${shorten(step, 100)}`,
        });
        await renewWhenLong();
      }
    },
    /** Starts a fresh run when this one's history has grown long; what wakes came meanwhile is seen by its first look. */
    renewWhenLong,
    /** Starts a fresh run of the same workflow, with the timeline, the answered repairs and what is stuck. */
    renew,
  };
}

/** What {@link openDesk} returns. */
export type Desk = ReturnType<typeof openDesk>;

function openState(carried: CarriedState | undefined): DeskState {
  return {
    view: carried?.view ?? { status: "starting", details: "Starting.", deadline: null },
    stuck: carried?.stuck ?? null,
    lastSequence: carried?.seen ?? 0,
    wakes: 0,
    repairs: 0,
    answered: [...(carried?.answered ?? [])],
    timeline: [...(carried?.timeline ?? [])],
  };
}

function carry(state: DeskState): CarriedState {
  const { view, stuck, lastSequence, answered, timeline } = state;
  return { seen: lastSequence, timeline, answered, view, stuck };
}

function answerSignals(state: DeskState): void {
  // A repeated sequence is a repeated delivery; anything else, even nonsense, is worth one look at the truth.
  setHandler(defineSignal<[number]>(messages.wake), (sequence) => {
    if (Number.isSafeInteger(sequence)) {
      if (sequence === state.lastSequence) return;
      state.lastSequence = sequence;
    }
    state.wakes += 1;
  });
  setHandler(defineQuery<EntityState>(messages.getState), () => ({
    status: state.view.status,
    details: state.view.details,
    stuck: state.stuck,
  }));
  setHandler(defineQuery<readonly TimelineEntry[]>(messages.getTimeline), () => state.timeline);
}

function answerRepairs(state: DeskState): void {
  setHandler(
    defineUpdate<string, [RepairRequest]>(messages.retryStep),
    ({ requestId, actor, note: why }) => {
      if (state.answered.includes(requestId)) return "already done";
      keepLast(state.answered, requestId, ANSWERED_LIMIT);
      state.repairs += 1;
      note(state, `${actor} asked for a retry: ${why}`);
      return "retrying";
    },
    {
      validator: (request) => {
        if (!isRepairRequest(request))
          throw ApplicationFailure.nonRetryable(
            'Send one object of texts: {"actor", "note", "requestId"}.',
            "invalid_repair",
          );
        if (state.answered.includes(request.requestId)) return;
        if (state.stuck === null) throw ApplicationFailure.nonRetryable("Nothing is stuck here.", "not_stuck");
      },
    },
  );
}

function isRepairRequest(request: Partial<Record<keyof RepairRequest, unknown>> | null | undefined): boolean {
  if (typeof request !== "object" || request === null) return false;
  const { actor, note: why, requestId } = request;
  return (
    [actor, why, requestId].every((text) => typeof text === "string" && text.length <= TEXT_LIMIT) && requestId !== ""
  );
}

function show(state: DeskState, next: DeskView): void {
  const changed = next.status !== state.view.status;
  if (changed) note(state, `Status is ${next.status}.`);
  if (changed || next.deadline !== state.view.deadline) upsertSearchAttributes(viewAttributes(next));
  state.view = next;
  render(state);
}

function park(state: DeskState, step: string, error: unknown): void {
  const failure = describeFailure(error);
  const reason = shorten(failure.message, TEXT_LIMIT);
  const isNew = state.stuck?.step !== step || state.stuck.reason !== reason;
  if (!isNew) return;
  state.stuck = { step, code: failure.code, reason, nextAction: NEXT_ACTION, since: new Date().toISOString() };
  note(state, `Stuck at ${step}: ${reason}`);
  upsertSearchAttributes(stuckAttributes(state.stuck));
  render(state);
}

function unpark(state: DeskState): void {
  if (state.stuck === null) return;
  note(state, `No longer stuck at ${state.stuck.step}.`);
  state.stuck = null;
  upsertSearchAttributes(stuckAttributes(null));
  render(state);
}

function note(state: DeskState, text: string): void {
  keepLast(state.timeline, { at: new Date().toISOString(), text: shorten(text, TEXT_LIMIT) }, TIMELINE_LIMIT);
}

function keepLast<T>(list: T[], item: T, limit: number): void {
  list.push(item);
  if (list.length > limit) list.splice(0, list.length - limit);
}

function render(state: DeskState): void {
  setCurrentDetails(
    state.stuck === null ? state.view.details : `${describeStuck(state.stuck)}\n\n${state.view.details}`,
  );
}

function describeFailure(error: unknown): { readonly code: string; readonly message: string } {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  if (cause instanceof ApplicationFailure) return { code: cause.type ?? "failure", message: cause.message };
  return { code: "timeout", message: cause instanceof Error ? cause.message : "The step did not finish in time." };
}
