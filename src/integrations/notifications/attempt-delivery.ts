import { DomainError } from "../../errors.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Database } from "../../platform/database/pool.ts";
import type { Channel } from "./delivery-log-store.ts";
import { findLastAttempt, insertAttempt } from "./delivery-log-store.ts";
import type { DeliverySlots } from "./delivery-slots.ts";
import { DestinationBusy, NoticeNotTaken } from "./errors.ts";

const LONGEST_PAUSE_SECONDS = 3_600;
const LONGEST_DETAIL = 300;

/**
 * How one attempt went. `isFinal` ends it, with success or for good; what is not final is tried again, not before `retryAfterSeconds`.
 * `text` is what operators read, when the code alone does not say enough; never a secret, a path or somebody else's words.
 */
export type Verdict = {
  readonly outcome: string;
  readonly isFinal: boolean;
  readonly text?: string;
  readonly status?: number;
  readonly retryAfterSeconds?: number;
};

/** What is attempted, and at which host. `destination` is null where nobody would be called. */
export type AttemptInput = {
  readonly eventId: string;
  readonly channel: Channel;
  readonly destination: string | null;
};

/** What every attempt needs. */
export type AttemptNeeds = { readonly database: Database; readonly clock: Clock; readonly slots: DeliverySlots };

/**
 * Makes one attempt and writes its line into the delivery log, whatever comes of it. What was delivered already is not sent again. Answers
 * what became of it in words. Throws `notice_not_taken` and `destination_busy`, which are tried again, and passes on a refused address.
 */
export async function attemptDelivery(
  needs: AttemptNeeds,
  input: AttemptInput,
  attempt: () => Promise<Verdict>,
): Promise<string> {
  const work = async () => {
    const last = await findLastAttempt(needs.database, input);
    if (last?.outcome === "delivered") return "delivered";
    return recordAttempt(needs, { ...input, attempt: (last?.attempt ?? 0) + 1 }, attempt);
  };
  return input.destination === null ? work() : needs.slots.run(input.destination, work);
}

/** Seconds until the next try: twice as long each time, at most an hour, and never earlier than the other side asked for. Pure. */
export function pauseSeconds(attempt: number, wished = 0): number {
  return Math.max(Math.min(2 ** Math.min(attempt, 12), LONGEST_PAUSE_SECONDS), wished);
}

async function recordAttempt(
  needs: AttemptNeeds,
  input: AttemptInput & { readonly attempt: number },
  attempt: () => Promise<Verdict>,
): Promise<string> {
  const startedAt = performance.now();
  let failure: unknown;
  const verdict = await attempt().catch((error: unknown): Verdict => {
    failure = error;
    return describeFailure(error);
  });
  const pause = pauseSeconds(input.attempt, verdict.retryAfterSeconds);
  const { outcome, isFinal, status = null, text = outcome } = verdict;
  await insertAttempt(needs.database, {
    ...input,
    outcome,
    status,
    detail: text.slice(0, LONGEST_DETAIL),
    durationMilliseconds: Math.round(performance.now() - startedAt),
    nextTryAt: isFinal ? null : new Date(needs.clock.now() + pause * 1000),
  });
  if (isFinal && failure !== undefined) throw failure;
  if (!isFinal) throw new NoticeNotTaken({ detail: text, retryAfterSeconds: pause, cause: failure });
  return text;
}

/** A failure of the way there. Its code and public text are kept; of an unexpected one nothing, for it may quote anything. */
function describeFailure(error: unknown): Verdict {
  if (error instanceof DestinationBusy || !(error instanceof DomainError))
    return { outcome: "failed", isFinal: false, text: "It failed unexpectedly; the worker's log says why." };
  return { outcome: error.code, isFinal: error.status < 500, text: error.message };
}
