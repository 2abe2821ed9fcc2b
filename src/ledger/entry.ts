import type { JsonValue } from "../errors.ts";
import { MAXIMUM_AMOUNT, type Nanodollars } from "../money/nanodollars.ts";
import type { AccountName, Side } from "./chart-of-accounts.ts";
import { isHeld } from "./chart-of-accounts.ts";
import { InvalidEntry, UnbalancedEntry } from "./errors.ts";

/** One side of an entry: `amount` is positive, at most $1,000,000,000. */
export type Posting = { readonly account: AccountName; readonly side: Side; readonly amount: Nanodollars };

/** What happened, in business words; the name is stored with the entry for ever. */
export type EntryKind =
  | "deposit_confirmed"
  | "deposit_swept"
  | "deposit_in_suspense"
  | "deposit_reversed"
  | "suspense_resolved"
  | "sweep_started"
  | "network_fee_paid"
  | "gas_tank_filled"
  | "usage_metered"
  | "usage_corrected"
  | "cost_imported"
  | "access_sold"
  | "access_unserved"
  | "access_returned"
  | "access_balance_spent"
  | "fee_invoice_paid"
  | "platform_fee_charged"
  | "merchant_payout_started"
  | "merchant_paid_out"
  | "merchant_payout_returned"
  | "subscription_paid"
  | "credits_purchased"
  | "gateway_call_metered"
  | "grant_given"
  | "grant_expired"
  | "refund_paid"
  | "refund_refused"
  | "owner_withdrew"
  | "owner_funds_opened"
  | "bad_debt_written_off"
  | "hold_authorised"
  | "hold_settled"
  | "hold_released"
  | "hold_expired"
  | "reversal"
  | "adjustment";

/** What was consumed, kept beside what it cost. */
export type UsageDetail = {
  /** Plain decimal, at most 20 digits before and 9 after the point. */
  readonly quantity: string;
  readonly unit: string;
  /** When it was consumed. Absent: when it was posted, and then a retry without it is still the same input. */
  readonly occurredAt?: Date;
  readonly description?: string;
  readonly metadata?: Readonly<Record<string, JsonValue>>;
};

/** An entry before it is posted. Posting the same draft twice posts once; another draft under the same key is refused. */
export type EntryDraft = {
  readonly kind: EntryKind;
  /** Names the business event, 1 to 400 characters, with its account where ids of two customers could meet. */
  readonly idempotencyKey: string;
  readonly postings: readonly Posting[];
  readonly description?: string;
  readonly metadata?: Readonly<Record<string, JsonValue>>;
  readonly usage?: UsageDetail;
  /** What was consumed already: a refusal crosses every armed threshold at or below which this charge would have brought the account. */
  readonly refusalCrossesThresholds?: boolean;
  /** What the caller asked for, where the postings were derived from the state of the books and may differ between two tries. */
  readonly sameInputAs?: JsonValue;
};

/** What posting answers. `balanceAfter` is the available balance of the first customer account, as of now for a replay. */
export type PostedEntry = {
  /** "je_" and a number. */
  readonly entryId: string;
  readonly replayed: boolean;
  readonly postedAt: Date;
  readonly balanceAfter: Nanodollars | null;
  readonly thresholdsCrossed: readonly string[];
};

/** One row of the journal: the debited account gives, the credited one takes. */
export type Transfer = { readonly debit: AccountName; readonly credit: AccountName; readonly amount: bigint };

const MAXIMUM_POSTINGS = 200;
const MAXIMUM_TEXT = 4000;
const QUANTITY = /^[0-9]{1,20}(\.[0-9]{1,9})?$/;

/**
 * Pairs debits with credits, in order, into transfers that say the same. Throws {@link UnbalancedEntry} where the sides differ, and
 * {@link InvalidEntry} for an empty draft, an amount out of bounds, a held account, or an account on both sides.
 */
export function pairPostings(postings: readonly Posting[]): readonly Transfer[] {
  const [debits, credits] = [sideOf(postings, "debit"), sideOf(postings, "credit")];
  assertPostings(postings, debits, credits);
  const transfers: Transfer[] = [];
  let [d, c] = [0, 0];
  for (;;) {
    const [debit, credit] = [debits[d], credits[c]];
    if (debit === undefined || credit === undefined) return transfers;
    let amount = debit.left;
    if (credit.left < amount) amount = credit.left;
    transfers.push({ debit: debit.account, credit: credit.account, amount });
    debit.left -= amount;
    credit.left -= amount;
    if (debit.left === 0n) d += 1;
    if (credit.left === 0n) c += 1;
  }
}

/** Refuses words and quantities the database could not keep as given. Throws {@link InvalidEntry}. */
export function assertEntryWords(
  draft: Pick<EntryDraft, "idempotencyKey" | "description" | "metadata" | "usage">,
): void {
  const { idempotencyKey, usage } = draft;
  if (idempotencyKey.length === 0 || idempotencyKey.length > 400) {
    throw new InvalidEntry("An idempotency key has 1 to 400 characters.");
  }
  assertText(idempotencyKey);
  assertText(draft.description);
  assertMetadata(draft.metadata);
  if (usage === undefined) return;
  if (!QUANTITY.test(usage.quantity)) {
    throw new InvalidEntry('A quantity is a plain decimal with at most 9 decimals, such as "0.25".');
  }
  if (usage.unit.length === 0) throw new InvalidEntry("A usage unit is needed.");
  assertText(usage.unit);
  assertText(usage.description);
  assertMetadata(usage.metadata);
  assertTime(usage.occurredAt);
}

function sideOf(postings: readonly Posting[], side: Side): { account: AccountName; left: bigint }[] {
  return postings.filter((posting) => posting.side === side).map(({ account, amount }) => ({ account, left: amount }));
}

function assertPostings(
  postings: readonly Posting[],
  debits: readonly { readonly account: AccountName; readonly left: bigint }[],
  credits: readonly { readonly account: AccountName; readonly left: bigint }[],
): void {
  if (postings.length < 2 || postings.length > MAXIMUM_POSTINGS) {
    throw new InvalidEntry(`An entry has 2 to ${MAXIMUM_POSTINGS} postings.`);
  }
  for (const { account, amount } of postings) {
    if (amount <= 0n || amount > MAXIMUM_AMOUNT) {
      throw new InvalidEntry("A posting is more than 0 and at most 1000000000 US dollars.");
    }
    if (isHeld(account)) throw new InvalidEntry("Held funds move only by their hold.");
  }
  if (debits.some((debit) => credits.some((credit) => credit.account === debit.account))) {
    throw new InvalidEntry("An account stands on one side of an entry only.");
  }
  const difference = total(debits) - total(credits);
  if (difference !== 0n) throw new UnbalancedEntry(`Debits exceed credits by ${difference} nanodollars.`);
}

function total(side: readonly { readonly left: bigint }[]): bigint {
  return side.reduce((sum, { left }) => sum + left, 0n);
}

function assertText(text: string | undefined): void {
  if (text === undefined) return;
  if (text.length > MAXIMUM_TEXT || text.includes("\0")) {
    throw new InvalidEntry(`A text has at most ${MAXIMUM_TEXT} characters and no zero character.`);
  }
}

function assertMetadata(metadata: Readonly<Record<string, JsonValue>> | undefined): void {
  if (metadata === undefined) return;
  const text = JSON.stringify(metadata);
  if (text.length > 4 * MAXIMUM_TEXT || text.includes("\\u0000")) {
    throw new InvalidEntry(`Metadata has at most ${4 * MAXIMUM_TEXT} characters as JSON and no zero character.`);
  }
}

function assertTime(time: Date | undefined): void {
  if (time === undefined) return;
  const year = time.getUTCFullYear();
  if (Number.isNaN(year) || year < 1970 || year > 9999)
    throw new InvalidEntry("A time lies in the years 1970 to 9999.");
}
