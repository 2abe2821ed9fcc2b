import type { DomainError } from "../errors.ts";
import { nanodollars } from "../money/nanodollars.ts";
import type { PostedEntry } from "./entry.ts";
import {
  AccountClosed,
  EntryNotFound,
  HoldAlreadyClosed,
  HoldExceeded,
  HoldExpired,
  HoldNotExpired,
  HoldNotFound,
  IdempotencyConflict,
  InsufficientFunds,
} from "./errors.ts";

/** What the database answered for one event of a batch; the numbers are those of the SQL function post_batch. */
export type Outcome = {
  readonly status: number;
  readonly entryNumber: number;
  readonly postedAt: Date;
  readonly balance: bigint | null;
  readonly required: bigint;
  readonly thresholdsCrossed: readonly string[];
};

/** The status of what was posted now. */
export const POSTED = 0;

/** The status of what had been posted before, by the same key and input. */
export const REPLAYED = 1;

/** The status of an expiry, of a hold or a grant, whose time has not come. */
export const NOT_YET_EXPIRED = 9;

/** The status of a drain that found nothing to move. */
export const NOTHING_TO_DRAIN = 11;

const failures: ReadonlyMap<number, (outcome: Outcome) => DomainError> = new Map([
  [2, () => new IdempotencyConflict()],
  [
    3,
    ({ balance, required, thresholdsCrossed }: Outcome) =>
      new InsufficientFunds(nanodollars(balance ?? 0n), nanodollars(required), thresholdsCrossed),
  ],
  [5, () => new HoldNotFound()],
  [6, () => new HoldAlreadyClosed()],
  [7, ({ required }: Outcome) => new HoldExceeded(nanodollars(required))],
  [8, () => new HoldExpired()],
  [NOT_YET_EXPIRED, () => new HoldNotExpired()],
  [10, () => new AccountClosed()],
]);

/** Reads an outcome as an answer, or throws the failure it stands for. */
export function readOutcome(outcome: Outcome): PostedEntry {
  const { status, balance, thresholdsCrossed } = outcome;
  if (status === POSTED || status === REPLAYED) {
    return {
      entryId: formatEntryId(outcome.entryNumber),
      replayed: status === REPLAYED,
      postedAt: outcome.postedAt,
      balanceAfter: balance === null ? null : nanodollars(balance),
      thresholdsCrossed,
    };
  }
  const failure = failures.get(status)?.(outcome);
  if (failure !== undefined) throw failure;
  throw new Error(`post_batch answered the unknown status ${status}`);
}

const ENTRY_ID = /^(?:je_)?([1-9][0-9]{0,17})$/;

/** The number inside an entry id; "je_" may be left out. Throws {@link EntryNotFound} for anything else. */
export function parseEntryId(entryId: string): string {
  const number = ENTRY_ID.exec(entryId)?.[1];
  if (number === undefined) throw new EntryNotFound();
  return number;
}

/** Entry ids as the world sees them: "je_" and the number. */
export function formatEntryId(entryNumber: number | string): string {
  return `je_${entryNumber}`;
}
