import { type Nanodollars, nanodollars } from "../../money/nanodollars.ts";
import { accounts } from "../chart-of-accounts.ts";
import type { EntryDraft } from "../entry.ts";

/** The owner took tokens out of the treasury. Key: `owner-withdrawal:<chain>:<transaction>:<log index>`, so each transfer is booked once. */
export function ownerWithdrew(withdrawal: {
  readonly chain: string;
  readonly token: string;
  readonly transactionId: string;
  readonly logIndex: number;
  readonly amount: Nanodollars;
}): EntryDraft {
  const { chain, token, transactionId, logIndex, amount } = withdrawal;
  return {
    kind: "owner_withdrew",
    idempotencyKey: `owner-withdrawal:${chain}:${transactionId}:${logIndex}`,
    postings: [
      { account: accounts.ownerFunds(chain, token), side: "debit", amount },
      { account: accounts.treasury(chain, token), side: "credit", amount },
    ],
    metadata: { transaction: transactionId, log_index: logIndex },
  };
}

/**
 * What a treasury wallet held beyond our own sweeps when it was first looked at, or lacked when `amount` is negative: the owner's before
 * the watch began. Key: `owner-opening:<chain>:<token>:<wallet>`.
 */
export function ownerFundsOpened(opening: {
  readonly chain: string;
  readonly token: string;
  readonly wallet: string;
  readonly amount: Nanodollars;
}): EntryDraft {
  const { chain, token, wallet } = opening;
  const isMore = opening.amount > 0n;
  const amount = isMore ? opening.amount : nanodollars(-opening.amount);
  return {
    kind: "owner_funds_opened",
    idempotencyKey: `owner-opening:${chain}:${token}:${wallet}`,
    postings: [
      { account: accounts.treasury(chain, token), side: isMore ? "debit" : "credit", amount },
      { account: accounts.ownerFunds(chain, token), side: isMore ? "credit" : "debit", amount },
    ],
    metadata: { wallet },
  };
}
