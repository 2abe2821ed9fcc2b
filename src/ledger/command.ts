import type { Nanodollars } from "../money/nanodollars.ts";
import { nanodollars } from "../money/nanodollars.ts";
import { type AccountName, isMaterialised } from "./chart-of-accounts.ts";
import { assertEntryWords, type EntryDraft, pairPostings, type Transfer, type UsageDetail } from "./entry.ts";
import { digestOf, refOf } from "./entry-digest.ts";

/** What a command does; the numbers are those of the SQL function post_batch. */
export const OPERATIONS = { post: 0, authorise: 1, settle: 2, release: 3, expire: 4, drain: 5 } as const;

/** One thing to do to the books, by account names, not yet resolved to ids. `ref` and `digest` are 32 hex digits. */
export type LedgerCommand = {
  readonly operation: keyof typeof OPERATIONS;
  readonly kind: EntryDraft["kind"];
  readonly ref: string;
  readonly digest: string;
  /** A missing side is the held side of the hold's own account. */
  readonly transfers: readonly {
    readonly debit?: AccountName;
    readonly credit?: AccountName;
    readonly amount: bigint;
  }[];
  readonly refusalCrossesThresholds: boolean;
  readonly hold?: { readonly ref: string; readonly expiresAt?: Date; readonly purpose?: string };
  readonly detail?: { readonly key: string; readonly description?: string; readonly metadata?: string };
  readonly usage?: {
    readonly detail: UsageDetail;
    readonly account: AccountName | undefined;
    readonly amount: Nanodollars;
  };
};

/** Turns a checked draft into the command that posts it. Throws {@link InvalidEntry} or {@link UnbalancedEntry}. */
export function postCommand(draft: EntryDraft): LedgerCommand {
  assertEntryWords(draft);
  const transfers = pairPostings(draft.postings);
  const owner = draft.postings.find((posting) => isMaterialised(posting.account))?.account;
  return {
    operation: "post",
    kind: draft.kind,
    ref: refOf(draft.idempotencyKey),
    digest: digestOf(draft),
    transfers,
    refusalCrossesThresholds: draft.refusalCrossesThresholds === true,
    ...detailOf(draft),
    ...usageOf(draft.usage, owner, amountOf(transfers)),
  };
}

/** The words of a draft, for the command; nothing where it has none. Keys are kept with them, so `explain` can name the event. */
export function detailOf(
  draft: Pick<EntryDraft, "idempotencyKey" | "description" | "metadata">,
): Pick<LedgerCommand, "detail"> {
  if (draft.description === undefined && draft.metadata === undefined) return {};
  return {
    detail: {
      key: draft.idempotencyKey,
      ...(draft.description === undefined ? {} : { description: draft.description }),
      ...(draft.metadata === undefined ? {} : { metadata: JSON.stringify(draft.metadata) }),
    },
  };
}

/** The usage part of a command; nothing where the draft has none. No account: the hold's. */
export function usageOf(
  usage: UsageDetail | undefined,
  account: AccountName | undefined,
  amount: Nanodollars,
): Pick<LedgerCommand, "usage"> {
  if (usage === undefined) return {};
  return { usage: { detail: usage, account, amount } };
}

function amountOf(transfers: readonly Transfer[]): Nanodollars {
  return nanodollars(transfers.reduce((sum, transfer) => sum + transfer.amount, 0n));
}
