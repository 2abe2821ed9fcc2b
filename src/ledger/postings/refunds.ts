import type { Nanodollars } from "../../money/nanodollars.ts";
import { type AccountName, accounts } from "../chart-of-accounts.ts";
import type { EntryDraft } from "../entry.ts";

/**
 * Money goes back to a customer in tokens: we owe less, and hold less where the tokens are, at a deposit address or in the treasury. Refused
 * when the balance does not cover it; suspense always does. Key: `refund:<refund id>`. Post it before the transfer is broadcast: what was
 * promised to a customer can then not be spent as well.
 */
export function refundPaidInTokens(refund: TokenRefund): EntryDraft {
  const { chain, token, amount, account } = refund;
  return {
    kind: "refund_paid",
    idempotencyKey: `refund:${refund.refundId}`,
    postings: [
      { account, side: "debit", amount },
      { account: holder(refund)(chain, token), side: "credit", amount },
    ],
    metadata: { refund: refund.refundId },
  };
}

/** A refund of {@link refundPaidInTokens} will not be sent: everything is as before. Key: `refund-refused:<refund id>`. */
export function refundRefused(refund: TokenRefund): EntryDraft {
  const { chain, token, amount, account } = refund;
  return {
    kind: "refund_refused",
    idempotencyKey: `refund-refused:${refund.refundId}`,
    postings: [
      { account: holder(refund)(chain, token), side: "debit", amount },
      { account, side: "credit", amount },
    ],
    metadata: { refund: refund.refundId },
  };
}

/** A refund in tokens; `heldAt` says where they are, the treasury unless told otherwise. */
export type TokenRefund = {
  readonly refundId: string;
  readonly account: AccountName;
  readonly chain: string;
  readonly token: string;
  readonly amount: Nanodollars;
  readonly heldAt?: "deposit_wallet" | "treasury";
};

function holder({ heldAt }: TokenRefund): (chain: string, token: string) => AccountName {
  return heldAt === "deposit_wallet" ? accounts.depositWallet : accounts.treasury;
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
