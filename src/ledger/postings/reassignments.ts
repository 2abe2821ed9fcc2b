import type { Nanodollars } from "../../money/nanodollars.ts";
import type { AccountName } from "../chart-of-accounts.ts";
import type { EntryDraft } from "../entry.ts";

/**
 * A deposit was credited to the wrong customer: one is owed less, another more, and the tokens stay where they are. Refused when the
 * first has spent it. Key: `deposit-reassigned:<key>`, where the key is the operator's request.
 */
export function depositReassigned(move: {
  readonly key: string;
  readonly depositId: string;
  readonly from: AccountName;
  readonly to: AccountName;
  readonly amount: Nanodollars;
}): EntryDraft {
  return {
    kind: "adjustment",
    idempotencyKey: `deposit-reassigned:${move.key}`,
    postings: [
      { account: move.from, side: "debit", amount: move.amount },
      { account: move.to, side: "credit", amount: move.amount },
    ],
    description: "A deposit was credited to the wrong purchase.",
    metadata: { deposit: move.depositId },
  };
}
