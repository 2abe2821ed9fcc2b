import type { Nanodollars } from "../../money/nanodollars.ts";
import { type AccountName, accounts } from "../chart-of-accounts.ts";
import type { EntryDraft, UsageDetail } from "../entry.ts";

/**
 * Something metered was consumed and is paid from the customer's balance. Refused when the balance does not suffice; since it was
 * consumed already, the refusal crosses the thresholds it would have fallen through, so nothing runs on for free.
 * Key: `usage:<account>:<event id>`, so two customers may use the same event ids. Source: seed 000, "Usage Based Billing".
 */
export function usageMetered(
  usage: UsageDetail & {
    readonly account: AccountName;
    /** The product family that earns it: "purchases", "gateway", "credits". */
    readonly family: string;
    readonly eventId: string;
    readonly amount: Nanodollars;
  },
): EntryDraft {
  const { account, family, eventId, amount, ...detail } = usage;
  return {
    kind: "usage_metered",
    idempotencyKey: `usage:${account}:${eventId}`,
    postings: [
      { account, side: "debit", amount },
      { account: accounts.revenue(family), side: "credit", amount },
    ],
    usage: detail,
    refusalCrossesThresholds: true,
  };
}

/**
 * Usage was charged too high and the difference is given back. Key: `usage-correction:<account>:<correction id>`.
 * To undo a whole charge reverse its entry instead.
 */
export function usageCorrected(correction: {
  readonly account: AccountName;
  readonly family: string;
  readonly correctionId: string;
  readonly amount: Nanodollars;
  readonly reason: string;
}): EntryDraft {
  const { account, family, correctionId, amount, reason } = correction;
  return {
    kind: "usage_corrected",
    idempotencyKey: `usage-correction:${account}:${correctionId}`,
    postings: [
      { account: accounts.revenue(family), side: "debit", amount },
      { account, side: "credit", amount },
    ],
    description: reason,
  };
}

/** What was consumed and will not be paid is our loss: revenue earned against bad debt. Key: `bad-debt:<account>:<event id>`. */
export function usageWrittenOff(loss: {
  readonly account: AccountName;
  readonly family: string;
  readonly eventId: string;
  readonly amount: Nanodollars;
}): EntryDraft {
  return {
    kind: "bad_debt_written_off",
    idempotencyKey: `bad-debt:${loss.account}:${loss.eventId}`,
    postings: [
      { account: accounts.badDebt(loss.family), side: "debit", amount: loss.amount },
      { account: accounts.revenue(loss.family), side: "credit", amount: loss.amount },
    ],
    metadata: { account: loss.account, event: loss.eventId },
  };
}
