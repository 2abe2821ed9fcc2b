import {
  ActivityFailure,
  ApplicationFailure,
  allHandlersFinished,
  condition,
  continueAsNew,
  defineQuery,
  defineSignal,
  isCancellation,
  patched,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from "@temporalio/workflow";
import { quick } from "./activity-proxies.ts";
import type { CarriedState, EntityInput, EntityState, RepairRequest, StuckReport, TimelineEntry } from "./contracts.ts";
import { messages } from "./contracts.ts";
import type { DeskRepairs } from "./desk-repairs.ts";
import { answerRepairs, workflowRepairs } from "./desk-repairs.ts";
import type { DeskFacts, DeskView } from "./desk-view.ts";
import { describeStuck, factAttributes, shorten, stuckAttributes, viewAttributes } from "./desk-view.ts";

const TIMELINE_LIMIT = 50;
const ANSWERED_LIMIT = 20;
const TEXT_LIMIT = 500;
const STUCK_RETRY = "5 minutes";
const LONG_RUN_EVENTS = 8_000;
const NEXT_ACTION =
  "Fix the cause, then send the Update `retryStep`; it is also tried again by itself. To leave the step out: `skipStep`.";
const NEXT_ACTION_OF_ONE_WAY = "Fix the cause, then send the Update `retryStep`; it is also tried again by itself.";

type DeskState = {
  view: DeskView;
  stuck: StuckReport | null;
  lastSequence: number;
  wakes: number;
  repairs: number;
  noted: boolean;
  readonly answered: string[];
  readonly timeline: TimelineEntry[];
};

type Retry = "5 minutes" | "15 seconds";

/** A step that an operator may leave out: the phase it is of and its name. */
export type SkippableStep = { readonly phase: string; readonly stepName: string };

/**
 * Where operators see why a workflow waits and get it going again: search attributes, current details, the timeline, the
 * `getState` and `getTimeline` queries, the repairs as Updates, and the wake signal. One desk per workflow, opened before the first
 * await so that no message is missed. Signal handlers only set flags: what they throw would fail the workflow.
 */
export function openDesk(input: EntityInput, facts: DeskFacts = {}, repairs: DeskRepairs = workflowRepairs()) {
  const state = openState(input.carried);
  answerSignals(state);
  answerRepairs(repairs, {
    repaired: (answer, { actor, note: why }) => {
      state.repairs += 1;
      state.wakes += 1;
      note(state, `${actor}: ${answer.action} (${why}). ${answer.outcome}`);
    },
    retryAsBefore: (request) => retryAsBefore(state, request),
  });
  upsertSearchAttributes([...factAttributes(facts), ...viewAttributes(state.view), ...stuckAttributes(state.stuck)]);
  render(state);

  let companion: Companion | undefined;
  const renew = async (): Promise<void> => {
    await condition(allHandlersFinished);
    await companion?.beforeRenewal();
    const carried: CarriedState = { ...carry(state), ...companion?.carry() };
    await continueAsNew<(next: EntityInput) => Promise<unknown>>({ id: input.id, carried });
  };
  const renewWhenLong = async (): Promise<void> => {
    if (isLongRun()) await renew();
  };
  return {
    /** How many wakes came, repetitions of the last one not counted; compare before and after to know whether to look again. */
    wakes: () => state.wakes,
    /** Adds a line to the timeline. */
    note: (text: string) => note(state, text),
    /** Puts a decision on show: status, plain words, and the deadline if one runs. */
    show: (next: DeskView) => show(state, next),
    /**
     * Runs a step until it succeeds. When its retries are used up the workflow parks: it says so, here and in Postgres, sets
     * NeedsReview, and tries again after a pause, or at once on any wake (something it waits for may have changed) and after any
     * repair. However long that lasts the history stays short: every workflow here can begin again from what Postgres says.
     * Cancellation passes through.
     */
    insist: async <T>(
      step: string,
      run: () => Promise<T>,
      retryAfter: Retry = STUCK_RETRY,
      skippable?: SkippableStep,
    ): Promise<T> => {
      for (;;) {
        const seen = state.wakes;
        try {
          const result = await run();
          await unpark(state);
          return result;
        } catch (error) {
          if (isCancellation(error)) throw error;
          park(state, { step, isSkippable: skippable !== undefined }, error);
        }
        await awaitNextTry(state, { step, seen, retryAfter, skippable });
        await renewWhenLong();
      }
    },
    /** Lets repairs that are under way be answered, and its companion finish, before the workflow ends. */
    settle: async () => {
      await condition(allHandlersFinished);
      await companion?.beforeEnd();
    },
    /** Takes along what works beside the desk, one at most: it is heard before a fresh run and before the end. */
    accompany: (other: Companion) => {
      companion = other;
    },
    /** Starts a fresh run when this one's history has grown long; what wakes came meanwhile is seen by its first look. */
    renewWhenLong,
    /** Starts a fresh run of the same workflow, with the timeline, the answered repairs and what is stuck. */
    renew,
  };
}

/** What works beside a desk in the same workflow: what it must do before a fresh run and before the end, and what it carries over. */
export type Companion = {
  readonly beforeRenewal: () => Promise<void>;
  readonly beforeEnd: () => Promise<void>;
  readonly carry: () => Partial<CarriedState>;
};

/** Whether this run's history has grown so long that a fresh one should begin. */
export function isLongRun(): boolean {
  const { continueAsNewSuggested, historyLength } = workflowInfo();
  return continueAsNewSuggested || historyLength > LONG_RUN_EVENTS;
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
    noted: carried?.noted ?? false,
    answered: [...(carried?.answered ?? [])],
    timeline: [...(carried?.timeline ?? [])],
  };
}

function carry(state: DeskState): CarriedState {
  const { view, stuck, lastSequence, answered, timeline, noted } = state;
  return { seen: lastSequence, timeline, answered, view, stuck, noted };
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

/** How `retryStep` was answered before repairs were written down; runs of that time replay by it. */
function retryAsBefore(state: DeskState, { requestId, actor, note: why }: RepairRequest): string {
  if (state.answered.includes(requestId)) return "already done";
  keepLast(state.answered, requestId, ANSWERED_LIMIT);
  state.repairs += 1;
  note(state, `${actor} asked for a retry: ${why}`);
  return "retrying";
}

function show(state: DeskState, next: DeskView): void {
  const changed = next.status !== state.view.status;
  if (changed) note(state, `Status is ${next.status}.`);
  if (changed || next.deadline !== state.view.deadline) upsertSearchAttributes(viewAttributes(next));
  state.view = next;
  render(state);
}

function park(state: DeskState, at: { readonly step: string; readonly isSkippable: boolean }, error: unknown): void {
  const failure = describeFailure(error);
  const reason = shorten(failure.message, TEXT_LIMIT);
  const isNew = state.stuck?.step !== at.step || state.stuck.reason !== reason;
  if (!isNew) return;
  const nextAction = at.isSkippable ? NEXT_ACTION : NEXT_ACTION_OF_ONE_WAY;
  state.stuck = { step: at.step, code: failure.code, reason, nextAction, since: new Date().toISOString() };
  state.noted = false;
  note(state, `Stuck at ${at.step}: ${reason}`);
  upsertSearchAttributes(stuckAttributes(state.stuck));
  render(state);
}

/** Says in Postgres too where this workflow stands still: lists and repairs read it there. */
async function noteParked(state: DeskState, skippable: SkippableStep | undefined): Promise<void> {
  if (state.stuck === null || state.noted) return;
  const { phase, stepName } = skippable ?? { phase: null, stepName: null };
  await quick.noteParked({ subject: workflowInfo().workflowId, ...state.stuck, phase, stepName });
  state.noted = true;
}

async function awaitNextTry(
  state: DeskState,
  wait: {
    readonly step: string;
    readonly seen: number;
    readonly retryAfter: Retry;
    readonly skippable: SkippableStep | undefined;
  },
): Promise<void> {
  const before = state.repairs;
  const isNoted = patched("parked-in-postgres");
  if (isNoted) await noteParked(state, wait.skippable);
  // What was raised while the step was failing counts too; a repair is a wake of its own.
  const isWoken = () => (isNoted ? state.wakes > wait.seen : state.repairs > before);
  await condition(isWoken, wait.retryAfter, { summary: `Try again: ${shorten(wait.step, 100)}` });
}

async function unpark(state: DeskState): Promise<void> {
  if (state.stuck === null) return;
  note(state, `No longer stuck at ${state.stuck.step}.`);
  state.stuck = null;
  upsertSearchAttributes(stuckAttributes(null));
  render(state);
  if (state.noted) await quick.clearParked({ subject: workflowInfo().workflowId });
  state.noted = false;
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
