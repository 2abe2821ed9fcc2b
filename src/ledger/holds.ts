import { add, MAXIMUM_AMOUNT, type Nanodollars, ZERO } from "../money/nanodollars.ts";
import { type AccountName, isHeld, isMaterialised } from "./chart-of-accounts.ts";
import { detailOf, type LedgerCommand, usageOf } from "./command.ts";
import { assertEntryWords, type EntryDraft, type PostedEntry } from "./entry.ts";
import { digestOfInput, refOf, usageText } from "./entry-digest.ts";
import { HoldAlreadyClosed, HoldNotFound, InvalidEntry } from "./errors.ts";
import type { Ledger } from "./ledger.ts";
import { type LedgerDatabase, selectDueHolds } from "./ledger-store.ts";
import { readOutcome } from "./outcome.ts";

/** Money set aside: spendable by settling this hold only. `holdId` is "hold_" and 32 hex digits. */
export type Hold = {
  readonly holdId: string;
  readonly amount: Nanodollars;
  readonly expiresAt: Date;
  readonly entry: PostedEntry;
};

type Words = Pick<EntryDraft, "description" | "metadata">;

const HOLD_ID = /^hold_([0-9a-f]{32})$/;
const DUE_PER_ROUND = 500;

/**
 * Sets money of a customer account aside until it is settled, released or expires. Under one key there is one hold, and a retry may
 * carry a later `expiresAt` without being another input. Throws {@link InsufficientFunds}, {@link IdempotencyConflict},
 * {@link UnknownAccount}, {@link InvalidEntry}.
 */
export async function authoriseHold(
  ledger: Pick<Ledger, "execute">,
  input: Words & {
    readonly idempotencyKey: string;
    readonly account: AccountName;
    readonly amount: Nanodollars;
    readonly expiresAt: Date;
    /** What the money is for, such as "gateway call"; operators read it. */
    readonly purpose: string;
  },
): Promise<Hold> {
  const { account, amount, purpose, expiresAt } = input;
  assertEntryWords({ ...input, usage: { quantity: "0", unit: purpose, occurredAt: expiresAt } });
  if (!isMaterialised(account) || isHeld(account)) throw new InvalidEntry("Only a customer account can be held.");
  assertAmount(amount);
  const ref = refOf(input.idempotencyKey);
  const outcome = await ledger.execute({
    operation: "authorise",
    kind: "hold_authorised",
    ref,
    digest: digest("hold_authorised", input, { account, amount: `${amount}`, purpose }),
    transfers: [{ debit: account, amount }],
    refusalCrossesThresholds: false,
    hold: { ref, expiresAt, purpose },
    ...detailOf(input),
  });
  return { holdId: `hold_${ref}`, amount, expiresAt, entry: readOutcome(outcome) };
}

/**
 * Takes what was really used out of a hold and frees the rest, as one entry. `amount` may be 0. It is credited to `creditAccount`, or
 * split over `credits`, whose sum must be `amount`. Throws {@link HoldExceeded} (the hold stays open), {@link HoldExpired},
 * {@link HoldAlreadyClosed}, {@link HoldNotFound}, {@link IdempotencyConflict}, {@link InvalidEntry}.
 */
export async function settleHold(
  ledger: Pick<Ledger, "execute">,
  input: Words &
    Pick<EntryDraft, "usage"> & {
      readonly holdId: string;
      readonly idempotencyKey: string;
      readonly amount: Nanodollars;
      readonly creditAccount: AccountName;
      readonly credits?: readonly { readonly account: AccountName; readonly amount: Nanodollars }[];
    },
): Promise<PostedEntry> {
  const { holdId, amount, creditAccount, usage } = input;
  const credits = (input.credits ?? [{ account: creditAccount, amount }]).filter((credit) => credit.amount !== 0n);
  assertEntryWords(input);
  for (const credit of credits) {
    assertAmount(credit.amount);
    if (isHeld(credit.account)) throw new InvalidEntry("Held funds move only by their hold.");
  }
  if (add(...credits.map((credit) => credit.amount)) !== amount) {
    throw new InvalidEntry("The credits of a settlement add up to its amount.");
  }
  const said = { holdId, credits: credits.map((credit) => `${credit.account} ${credit.amount}`) };
  return close(ledger, holdId, {
    operation: "settle",
    kind: "hold_settled",
    ref: refOf(input.idempotencyKey),
    digest: digest("hold_settled", input, said),
    transfers: credits.map((credit) => ({ credit: credit.account, amount: credit.amount })),
    ...detailOf(input),
    ...usageOf(usage, undefined, amount),
  });
}

/** Frees all of a hold. Repeating it is harmless. Throws {@link HoldNotFound} and, where it was settled, {@link HoldAlreadyClosed}. */
export async function releaseHold(
  ledger: Pick<Ledger, "execute">,
  input: Words & { readonly holdId: string; readonly idempotencyKey?: string },
): Promise<PostedEntry> {
  const { holdId, idempotencyKey = `hold-release:${holdId}` } = input;
  const words = { ...input, idempotencyKey };
  assertEntryWords(words);
  return close(ledger, holdId, {
    operation: "release",
    kind: "hold_released",
    ref: refOf(idempotencyKey),
    digest: digest("hold_released", {}, { holdId }),
    transfers: [],
    ...detailOf(words),
  });
}

/** Frees a hold whose time has come. Throws {@link HoldNotExpired}, {@link HoldAlreadyClosed}, {@link HoldNotFound}. */
export async function expireHold(
  ledger: Pick<Ledger, "execute">,
  input: { readonly holdId: string },
): Promise<PostedEntry> {
  return close(ledger, input.holdId, {
    operation: "expire",
    kind: "hold_expired",
    ref: refOf(`hold-expiry:${input.holdId}`),
    digest: digest("hold_expired", {}, { holdId: input.holdId }),
    transfers: [],
  });
}

/** Frees every hold whose time has come. Answers how many it freed; those closed meanwhile by others are not counted. */
export async function expireHolds(needs: {
  readonly ledger: Pick<Ledger, "execute">;
  readonly database: LedgerDatabase;
}): Promise<number> {
  let freed = 0;
  for (;;) {
    const due = await selectDueHolds(needs.database, DUE_PER_ROUND);
    const results = await Promise.allSettled(due.map((ref) => expireHold(needs.ledger, { holdId: `hold_${ref}` })));
    for (const result of results) {
      if (result.status === "fulfilled") freed += 1;
      else if (!(result.reason instanceof HoldAlreadyClosed)) throw result.reason;
    }
    if (due.length < DUE_PER_ROUND) return freed;
  }
}

async function close(
  ledger: Pick<Ledger, "execute">,
  holdId: string,
  command: Omit<LedgerCommand, "hold" | "refusalCrossesThresholds">,
): Promise<PostedEntry> {
  const ref = HOLD_ID.exec(holdId)?.[1];
  if (ref === undefined) throw new HoldNotFound();
  return readOutcome(await ledger.execute({ ...command, refusalCrossesThresholds: false, hold: { ref } }));
}

function digest(
  kind: EntryDraft["kind"],
  words: Words & Pick<EntryDraft, "usage">,
  said: Readonly<Record<string, string | string[]>>,
): string {
  const { description = null, metadata = null, usage } = words;
  return digestOfInput(kind, { ...said, description, metadata, usage: usage === undefined ? null : usageText(usage) });
}

function assertAmount(amount: Nanodollars): void {
  if (amount <= ZERO || amount > MAXIMUM_AMOUNT) {
    throw new InvalidEntry("An amount is more than 0 and at most 1000000000 US dollars.");
  }
}
