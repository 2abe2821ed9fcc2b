import type { Nanodollars } from "../money/nanodollars.ts";
import { MAXIMUM_AMOUNT, ZERO } from "../money/nanodollars.ts";
import {
  openAccountRow,
  type StoredThreshold,
  setCreditLineRow,
  setThresholdRows,
  setWakeSubjectRow,
} from "./account-store.ts";
import { type AccountName, isHeld, isMaterialised } from "./chart-of-accounts.ts";
import { CreditLineInUse, InvalidEntry, UnknownAccount } from "./errors.ts";
import { failureCode } from "./lane-connection.ts";
import type { LedgerDatabase } from "./ledger-store.ts";

/**
 * A level worth knowing about. It is crossed once when the posted balance falls to `level` or below, and armed again by a credit that
 * brings it above `rearmAbove`, by default a tenth above the level, so swinging around it is one event and not a thousand.
 */
export type Threshold = { readonly name: string; readonly level: Nanodollars; readonly rearmAbove?: Nanodollars };

/**
 * Opens a customer account; where it is open already nothing changes. `creditLine` (default 0) is how far below zero its available
 * balance may go; `wakeSubject` is raised in `wakes` by every crossing, re-arming and credit. Throws {@link InvalidEntry}.
 */
export async function openAccount(
  database: LedgerDatabase,
  input: {
    readonly account: AccountName;
    readonly creditLine?: Nanodollars;
    readonly wakeSubject?: string;
    readonly thresholds?: readonly Threshold[];
  },
): Promise<void> {
  const { account, creditLine = ZERO, wakeSubject = null, thresholds = [] } = input;
  if (!isMaterialised(account) || isHeld(account)) throw new InvalidEntry("Only a customer account can be opened.");
  assertCreditLine(creditLine);
  await openAccountRow(database, { account, creditLine, wakeSubject, thresholds: stored(thresholds) });
}

/**
 * Replaces the thresholds of an open account. One that did not change keeps its state; a new or changed one is armed in a new epoch
 * and crossed at once where the balance is at or below it already. Answers the names crossed at once. Throws {@link UnknownAccount}.
 */
export async function setThresholds(
  database: LedgerDatabase,
  input: { readonly account: AccountName; readonly thresholds: readonly Threshold[] },
): Promise<readonly string[]> {
  return setThresholdRows(database, input.account, stored(input.thresholds)).catch((error: unknown) => {
    throw failureCode(error) === "23503" ? new UnknownAccount() : error;
  });
}

/** Changes how far below zero the available balance may go. Throws {@link CreditLineInUse} and {@link UnknownAccount}. */
export async function setCreditLine(
  database: LedgerDatabase,
  input: { readonly account: AccountName; readonly creditLine: Nanodollars },
): Promise<void> {
  assertCreditLine(input.creditLine);
  const found = await setCreditLineRow(database, input.account, input.creditLine).catch((error: unknown) => {
    throw failureCode(error) === "23514" ? new CreditLineInUse() : error;
  });
  if (!found) throw new UnknownAccount();
}

/** Says which workflow the account's crossings and credits wake from now on. Throws {@link UnknownAccount}. */
export async function setWakeSubject(
  database: LedgerDatabase,
  input: { readonly account: AccountName; readonly wakeSubject: string },
): Promise<void> {
  if (!(await setWakeSubjectRow(database, input))) throw new UnknownAccount();
}

function assertCreditLine(creditLine: Nanodollars): void {
  if (creditLine < 0n || creditLine > MAXIMUM_AMOUNT) {
    throw new InvalidEntry("A credit line is 0 to 1000000000 US dollars.");
  }
}

function stored(thresholds: readonly Threshold[]): readonly StoredThreshold[] {
  if (new Set(thresholds.map(({ name }) => name)).size !== thresholds.length) {
    throw new InvalidEntry("Thresholds of one account have different names.");
  }
  return thresholds.map(({ name, level, rearmAbove = aTenthAbove(level) }) => {
    if (rearmAbove < level) throw new InvalidEntry("A threshold is armed again at or above its level.");
    return { name, level, rearmAbove };
  });
}

function aTenthAbove(level: bigint): bigint {
  return level + (level < 0n ? -level : level) / 10n;
}
