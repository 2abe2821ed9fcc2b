import {
  condition,
  defineQuery,
  defineSignal,
  isCancellation,
  setHandler,
  sleep,
  workflowInfo,
} from "@temporalio/workflow";
import { quick } from "./activity-proxies.ts";
import type { EntityInput, UsageResult, UsageSignal } from "./contracts.ts";
import { messages } from "./contracts.ts";
import type { Companion } from "./desk.ts";

/** One batch is one activity: large enough for a burst, far below the two million bytes a payload may have. */
const BATCH_REPORTS = 500;
const BATCH_CHARACTERS = 400_000;
/** More than any valid report: usage, texts and 16,000 characters of metadata. */
const REPORT_CHARACTERS = 24_000;
/** Past this length only a fresh run takes more out, so that signals alone can never fill a history. */
const BUSY_RUN_EVENTS = 6_000;
/** As many reports as one signal may bring in a list: one batch. */
const LIST_REPORTS = BATCH_REPORTS;
const SHOWN_RESULTS = 200;
const CARRIED_RESULTS = 50;

/** A report with its size, since conditions are asked for every single signal of a burst. */
type Waiting = { readonly report: UsageSignal; readonly characters: number };

type Inbox = {
  readonly waiting: Waiting[];
  characters: number;
  readonly results: UsageResult[];
  isWorking: boolean;
  /** A run that is renewed takes one batch along, so that it never waits for a stream to stop; one that ends leaves nothing. */
  course: "open" | "renewing" | "ending";
};

/**
 * Takes usage by the signal `recordUsage`, one report or a list of up to 500, from metering servers that are Temporal clients: the
 * reports wait in order and are charged in batches beside whatever else the workflow does. What is not charged when a fresh run begins
 * goes along, and a workflow that ends has charged or refused all of it. The query `getUsageResult` knows the latest results by event id; Postgres knows all.
 */
export function openUsageInbox(input: EntityInput): Companion {
  const inbox: Inbox = {
    waiting: [],
    characters: 0,
    results: [...(input.carried?.usage?.results ?? [])],
    isWorking: false,
    course: "open",
  };
  for (const report of input.carried?.usage?.waiting ?? []) take(inbox, report);
  setHandler(defineSignal<[UsageSignal | readonly UsageSignal[]]>(messages.recordUsage), (sent) => {
    for (const report of reportsIn(sent)) take(inbox, report);
  });
  setHandler(
    defineQuery<UsageResult | null, [string]>(messages.getUsageResult),
    (eventId) => inbox.results.findLast((result) => result.eventId === eventId) ?? null,
  );
  void empty(inbox, input.id).catch(() => undefined);
  return {
    beforeRenewal: async () => {
      inbox.course = "renewing";
      await condition(() => !inbox.isWorking && isOneBatch(inbox));
    },
    beforeEnd: async () => {
      inbox.course = "ending";
      await condition(() => !inbox.isWorking && inbox.waiting.length === 0);
    },
    carry: () => ({
      usage: { waiting: inbox.waiting.map(({ report }) => report), results: inbox.results.slice(-CARRIED_RESULTS) },
    }),
  };
}

/** Hands on one batch after the other for as long as the workflow lives. Ends only when the workflow is cancelled. */
async function empty(inbox: Inbox, purchaseId: string): Promise<void> {
  for (;;) {
    await condition(() => inbox.waiting.length > 0 && mayTakeMore(inbox));
    const batch = inbox.waiting.slice(0, countFitting(inbox.waiting));
    inbox.isWorking = true;
    try {
      const results = await quick.recordUsage({ purchaseId, reports: batch.map(({ report }) => report) });
      inbox.waiting.splice(0, batch.length);
      inbox.characters -= batch.reduce((sum, { characters }) => sum + characters, 0);
      inbox.results.push(...results);
      inbox.results.splice(0, Math.max(0, inbox.results.length - SHOWN_RESULTS));
    } catch (error) {
      if (isCancellation(error)) throw error;
      await sleep("1 minute", { summary: "Charge the waiting usage again" });
    } finally {
      inbox.isWorking = false;
    }
  }
}

function mayTakeMore(inbox: Inbox): boolean {
  if (inbox.course === "ending") return true;
  return inbox.course === "renewing" ? !isOneBatch(inbox) : workflowInfo().historyLength < BUSY_RUN_EVENTS;
}

/** One report or a list of them. A list that is empty or too long is one report that no one can charge: it is refused as a whole. */
function reportsIn(sent: UsageSignal | readonly UsageSignal[]): readonly UsageSignal[] {
  const isList = Array.isArray(sent) && sent.length > 0 && sent.length <= LIST_REPORTS;
  return isList ? sent : [sent];
}

/** What is larger than any valid report would only fill histories: of it only the size is kept, and it is refused. */
function take(inbox: Inbox, report: UsageSignal): void {
  const sent = sizeOf(report);
  const kept = sent > REPORT_CHARACTERS ? { characters: sent } : report;
  const characters = Math.min(sent, REPORT_CHARACTERS);
  inbox.waiting.push({ report: kept, characters });
  inbox.characters += characters;
}

function isOneBatch({ waiting, characters }: Inbox): boolean {
  return waiting.length <= BATCH_REPORTS && characters <= BATCH_CHARACTERS;
}

function countFitting(waiting: readonly Waiting[]): number {
  let total = 0;
  const end = waiting.findIndex(({ characters }, index) => {
    total += characters;
    return index > 0 && (index >= BATCH_REPORTS || total > BATCH_CHARACTERS);
  });
  return end === -1 ? waiting.length : end;
}

function sizeOf(report: UsageSignal): number {
  return JSON.stringify(report)?.length ?? 0;
}
