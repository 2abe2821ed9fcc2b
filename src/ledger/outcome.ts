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

/** The status of a drain that found nothing to move. */
export const NOTHING_TO_DRAIN = 11;

/** Reads an outcome as an answer, or throws the failure it stands for. */
export function readOutcome(outcome: Outcome): PostedEntry {
  const { status, balance, required, thresholdsCrossed } = outcome;
  if (status === POSTED || status === REPLAYED) {
    return {
      entryId: formatEntryId(outcome.entryNumber),
      replayed: status === REPLAYED,
      postedAt: outcome.postedAt,
      balanceAfter: balance === null ? null : nanodollars(balance),
      thresholdsCrossed,
    };
  }
  if (status === 2) throw new IdempotencyConflict();
  if (status === 3) throw new InsufficientFunds(nanodollars(balance ?? 0n), nanodollars(required), thresholdsCrossed);
  if (status === 5) throw new HoldNotFound();
  if (status === 6) throw new HoldAlreadyClosed();
  if (status === 7) throw new HoldExceeded(nanodollars(required));
  if (status === 8) throw new HoldExpired();
  if (status === 9) throw new HoldNotExpired();
  if (status === 10) throw new AccountClosed();
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
