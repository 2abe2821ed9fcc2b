import type { SearchAttributePair, SearchAttributeUpdatePair } from "@temporalio/common";
import { defineSearchAttributeKey } from "@temporalio/common";
import {
  ActivityFailure,
  allHandlersFinished,
  ApplicationFailure,
  condition,
  defineQuery,
  defineSignal,
  defineUpdate,
  isCancellation,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from "@temporalio/workflow";
import type { CarriedState, EntityState, RepairRequest, StuckReport, TimelineEntry } from "./contracts.ts";
import { messages } from "./contracts.ts";

const TIMELINE_LIMIT = 50;
const STUCK_RETRY = "5 minutes";

const purchaseStatus = defineSearchAttributeKey("PurchaseStatus", "KEYWORD");
const accountId = defineSearchAttributeKey("AccountId", "KEYWORD");
const chainName = defineSearchAttributeKey("Chain", "KEYWORD");
const stuckReason = defineSearchAttributeKey("StuckReason", "KEYWORD");
const needsReview = defineSearchAttributeKey("NeedsReview", "BOOL");
const expiresAt = defineSearchAttributeKey("ExpiresAt", "DATETIME");

/** What a workflow is about, for search; each attribute is set once it is known. */
export type DeskFacts = { readonly accountId?: string; readonly chain?: string };

/** What a workflow shows after each decision. */
export type DeskView = { readonly status: string; readonly details: string; readonly deadline: string | null };

/**
 * Where operators see why a workflow waits and get it going again: search attributes, current details, the timeline, the
 * `getState` and `getTimeline` queries, the `retryStep` Update, and the wake signal. One desk per workflow, opened before the first
 * await so that no message is missed. Handlers only set flags and never throw plain errors (facts: those wedge the workflow).
 */
export function openDesk(facts: DeskFacts, carried?: CarriedState) {
  let view: DeskView = { status: "starting", details: "Starting.", deadline: null };
  let stuck: StuckReport | null = null;
  let wanted = carried?.seen ?? 0;
  let repairs = 0;
  const answered = new Set<string>();
  const timeline: TimelineEntry[] = [...(carried?.timeline ?? [])];

  const note = (text: string): void => {
    timeline.push({ at: new Date().toISOString(), text });
    if (timeline.length > TIMELINE_LIMIT) timeline.splice(0, timeline.length - TIMELINE_LIMIT);
  };
  const render = (): void => setCurrentDetails(stuck === null ? view.details : describeStuck(stuck, view.details));

  setHandler(defineSignal<[number]>(messages.wake), (sequence) => {
    wanted = Math.max(wanted, Number.isSafeInteger(sequence) ? sequence : wanted + 1);
  });
  setHandler(defineQuery<EntityState>(messages.getState), () => ({
    status: view.status,
    details: view.details,
    stuck,
  }));
  setHandler(defineQuery<readonly TimelineEntry[]>(messages.getTimeline), () => timeline);
  setHandler(
    defineUpdate<string, [RepairRequest]>(messages.retryStep),
    (request) => {
      if (answered.has(request.requestId)) return "already done";
      answered.add(request.requestId);
      repairs += 1;
      note(`${request.actor} asked for a retry: ${request.note}`);
      return "retrying";
    },
    {
      validator: (request) => {
        if (answered.has(request.requestId)) return;
        if (stuck === null) throw ApplicationFailure.nonRetryable("Nothing is stuck here.", "not_stuck");
      },
    },
  );
  const first: SearchAttributePair[] = [{ key: needsReview, value: false }];
  if (facts.accountId !== undefined) first.push({ key: accountId, value: facts.accountId });
  if (facts.chain !== undefined) first.push({ key: chainName, value: facts.chain });
  upsertSearchAttributes(first);

  return {
    /** The highest wake sequence seen; compare before and after to know whether something changed. */
    wanted: () => wanted,
    note,
    /** Puts a decision on show: status, plain words, and the deadline if one runs. */
    show: (next: DeskView): void => {
      if (next.status !== view.status) note(`Status is ${next.status}.`);
      if (next.status !== view.status || next.deadline !== view.deadline) upsertSearchAttributes(shownAttributes(next));
      view = next;
      render();
    },
    /**
     * Runs a step until it succeeds. When its retries are used up the workflow parks: it says so, sets NeedsReview, and tries again
     * after five minutes or at once when an operator sends `retryStep`. Cancellation passes through.
     */
    insist: async <T>(step: string, run: () => Promise<T>): Promise<T> => {
      for (;;) {
        try {
          const result = await run();
          if (stuck !== null) {
            stuck = null;
            upsertSearchAttributes([
              { key: needsReview, value: false },
              { key: stuckReason, value: null },
            ]);
            render();
          }
          return result;
        } catch (error) {
          if (isCancellation(error)) throw error;
          const failure = describeFailure(error);
          stuck = { step, reason: failure.message, nextAction: NEXT_ACTION, since: new Date().toISOString() };
          note(`Stuck at ${step}: ${failure.message}`);
          upsertSearchAttributes([
            { key: needsReview, value: true },
            { key: stuckReason, value: failure.code },
          ]);
          render();
          const before = repairs;
          await condition(() => repairs > before, STUCK_RETRY);
        }
      }
    },
    /** True when this run has grown long enough to start a fresh one, and nothing is in flight. */
    shouldRenew: (): boolean =>
      (workflowInfo().continueAsNewSuggested || workflowInfo().historyLength > 8_000) && allHandlersFinished(),
    /** What the next run starts from. */
    carry: (): CarriedState => ({ seen: wanted, timeline }),
  };
}

/** What {@link openDesk} returns. */
export type Desk = ReturnType<typeof openDesk>;

const NEXT_ACTION = "Fix the cause, then send the Update `retryStep`; it is also tried again every five minutes.";

function shownAttributes(view: DeskView): SearchAttributeUpdatePair[] {
  return [
    { key: purchaseStatus, value: view.status },
    { key: expiresAt, value: view.deadline === null ? null : new Date(view.deadline) },
  ];
}

function describeStuck(stuck: StuckReport, details: string): string {
  return `**Needs review** since ${stuck.since}\n\n- step: ${stuck.step}\n- reason: ${stuck.reason}\n- next: ${stuck.nextAction}\n\n${details}`;
}

function describeFailure(error: unknown): { code: string; message: string } {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  if (cause instanceof ApplicationFailure) return { code: cause.type ?? "failure", message: cause.message };
  return { code: "timeout", message: cause instanceof Error ? cause.message : "The step did not finish in time." };
}
