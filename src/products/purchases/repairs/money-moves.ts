import type { Knex } from "knex";
import type { RefundChoice } from "../../../integrations/chains/refunds/refund-decisions.ts";
import type { AccountName } from "../../../ledger/chart-of-accounts.ts";
import type { Nanodollars } from "../../../money/nanodollars.ts";

/** Money on its way back to where a deposit came from. `amount` is null for a token without a price. */
export type RequestedRefund = {
  readonly id: string;
  readonly amount: Nanodollars | null;
  readonly status: string;
};

/** A deposit after it was given to an account, with the one it was taken from. */
export type MovedDeposit = { readonly amount: Nanodollars; readonly from: string };

/**
 * What repairs do with money on chains, given by the chains integration. Each writes rows and postings in the caller's transaction,
 * sends nothing itself, and is idempotent by its key or its deposit.
 */
export type MoneyMoves = {
  readonly moveDeposit: (
    transaction: Knex.Transaction,
    input: { readonly key: string; readonly depositId: string; readonly account: AccountName },
  ) => Promise<MovedDeposit>;
  readonly requestDepositRefund: (
    transaction: Knex.Transaction,
    input: { readonly key: string; readonly depositId: string },
  ) => Promise<readonly RequestedRefund[]>;
  readonly requestRemainderRefund: (
    transaction: Knex.Transaction,
    input: {
      readonly key: string;
      readonly account: AccountName;
      readonly depositAddressId: string;
      readonly amount: Nanodollars;
    },
  ) => Promise<readonly RequestedRefund[]>;
  readonly resumeSweep: (transaction: Knex.Transaction, input: { readonly depositId: string }) => Promise<unknown>;
  readonly confirmRefund: (
    transaction: Knex.Transaction,
    input: RefundChoice & { readonly actor: string },
  ) => Promise<unknown>;
  /** Answers where its money is again. */
  readonly refuseRefund: (
    transaction: Knex.Transaction,
    input: RefundChoice,
  ) => Promise<{ readonly account: string; readonly depositId: string }>;
  readonly resumeRefund: (transaction: Knex.Transaction, input: RefundChoice) => Promise<unknown>;
};
