import type { Nanodollars } from "../../money/nanodollars.ts";
import { type AccountName, accounts } from "../chart-of-accounts.ts";
import type { EntryDraft } from "../entry.ts";

/**
 * Money went back to a customer in tokens: we owe less, the treasury holds less. Refused when the balance does not cover it.
 * Key: `refund:<refund id>`. Post it before the transfer is broadcast: what was promised to a customer can then not be spent as well.
 */
export function refundPaidInTokens(refund: {
  readonly refundId: string;
  readonly account: AccountName;
  readonly chain: string;
  readonly token: string;
  readonly amount: Nanodollars;
}): EntryDraft {
  return {
    kind: "refund_paid",
    idempotencyKey: `refund:${refund.refundId}`,
    postings: [
      { account: refund.account, side: "debit", amount: refund.amount },
      { account: accounts.treasury(refund.chain, refund.token), side: "credit", amount: refund.amount },
    ],
    metadata: { refund: refund.refundId },
  };
}

/** Money went back to a customer's card. Key: `refund:<refund id>`. */
export function refundPaidByCard(refund: {
  readonly refundId: string;
  readonly account: AccountName;
  readonly amount: Nanodollars;
}): EntryDraft {
  return {
    kind: "refund_paid",
    idempotencyKey: `refund:${refund.refundId}`,
    postings: [
      { account: refund.account, side: "debit", amount: refund.amount },
      { account: accounts.stripeClearing(), side: "credit", amount: refund.amount },
    ],
    metadata: { refund: refund.refundId },
  };
}
