import { type Nanodollars, nanodollars } from "../../money/nanodollars.ts";
import { type AccountName, accounts } from "../chart-of-accounts.ts";
import type { EntryDraft } from "../entry.ts";

/** A token transfer on a chain; a transaction may carry several, told apart by `logIndex`. */
export type OnChainTransfer = {
  readonly chain: string;
  readonly token: string;
  readonly transactionId: string;
  readonly logIndex: number;
  readonly amount: Nanodollars;
};

/** A transfer that was credited, taken back by a reorg and came back is credited again: `occasion` counts from 1. */
type Occasion = {
  readonly occasion?: number;
  /** Where its tokens are, when they are not at a deposit address: sent straight to the offramp wallet. */
  readonly heldAt?: "treasury";
};

/**
 * A confirmed deposit becomes customer credit: a deposit address we control holds more, so we owe the customer more.
 * Key: `deposit:<chain>:<transaction>:<log index>`, so a watcher that sees it again posts nothing new; with `:<occasion>` behind it
 * from the second credit on. Source: seed 000, checkout.
 */
export function depositConfirmed(deposit: OnChainTransfer & Occasion & { readonly account: AccountName }): EntryDraft {
  return {
    kind: "deposit_confirmed",
    idempotencyKey: depositKey(deposit),
    postings: [
      { account: holder(deposit), side: "debit", amount: deposit.amount },
      { account: deposit.account, side: "credit", amount: deposit.amount },
    ],
    metadata: words(deposit),
  };
}

/**
 * A confirmed deposit whose owner or purpose is not known: too late, too little, the wrong token. It is ours to look after and somebody
 * else's to claim. Key as of {@link depositConfirmed}: one transfer is either credited or in suspense, never both.
 */
export function depositInSuspense(deposit: OnChainTransfer & Occasion & { readonly reason: string }): EntryDraft {
  return {
    kind: "deposit_in_suspense",
    idempotencyKey: depositKey(deposit),
    postings: [
      { account: holder(deposit), side: "debit", amount: deposit.amount },
      { account: accounts.suspense(deposit.reason), side: "credit", amount: deposit.amount },
    ],
    metadata: words(deposit),
  };
}

/**
 * A credited deposit's block was replaced and the transfer is gone: the tokens are no longer ours, so neither is the debt. `covered` is what
 * `account` can give back without falling below its credit line; the rest was consumed and is the family's bad debt. Key:
 * `deposit-reversed:<key of the credit>`; the split depends on the balance of the moment, so a replay is the same input whatever it says.
 */
export function depositReversed(
  deposit: OnChainTransfer &
    Occasion & { readonly account: AccountName; readonly covered: Nanodollars; readonly family: string },
): EntryDraft {
  const { account, amount, covered } = deposit;
  const lost = nanodollars(amount - covered);
  return {
    kind: "deposit_reversed",
    idempotencyKey: `deposit-reversed:${depositKey(deposit)}`,
    postings: [
      ...(covered > 0n ? [{ account, side: "debit", amount: covered } as const] : []),
      ...(lost > 0n ? [{ account: accounts.badDebt(deposit.family), side: "debit", amount: lost } as const] : []),
      { account: holder(deposit), side: "credit", amount },
    ],
    metadata: { ...words(deposit), account },
    sameInputAs: depositKey(deposit),
  };
}

function depositKey(deposit: OnChainTransfer & Occasion): string {
  const { chain, transactionId, logIndex, occasion = 1 } = deposit;
  return `deposit:${chain}:${transactionId}:${logIndex}${occasion > 1 ? `:${occasion}` : ""}`;
}

function holder({ chain, token, heldAt }: OnChainTransfer & Occasion): AccountName {
  return heldAt === "treasury" ? accounts.treasury(chain, token) : accounts.depositWallet(chain, token);
}

/** Money in suspense found its owner. Key: `suspense:` and the rest of the deposit's key, so it is given to one owner only. */
export function suspenseResolved(
  deposit: OnChainTransfer & Occasion & { readonly reason: string; readonly account: AccountName },
): EntryDraft {
  return {
    kind: "suspense_resolved",
    idempotencyKey: depositKey(deposit).replace("deposit:", "suspense:"),
    postings: [
      { account: accounts.suspense(deposit.reason), side: "debit", amount: deposit.amount },
      { account: deposit.account, side: "credit", amount: deposit.amount },
    ],
    metadata: words(deposit),
  };
}

/** A sweep was broadcast: the tokens left the deposit address and are not in the treasury yet. Key: `sweep-started:<sweep id>`. */
export function sweepStarted(sweep: Sweep): EntryDraft {
  return {
    kind: "sweep_started",
    idempotencyKey: `sweep-started:${sweep.sweepId}`,
    postings: [
      { account: accounts.sweepInTransit(sweep.chain, sweep.token), side: "debit", amount: sweep.amount },
      { account: accounts.depositWallet(sweep.chain, sweep.token), side: "credit", amount: sweep.amount },
    ],
    metadata: { sweep: sweep.sweepId },
  };
}

/** A sweep that {@link sweepStarted} put in transit is confirmed in the treasury. Key: `sweep:<sweep id>`. */
export function sweepArrived(sweep: Sweep & { readonly transactionId: string }): EntryDraft {
  return arrival(sweep, accounts.sweepInTransit(sweep.chain, sweep.token));
}

/** A sweep is confirmed that was never posted as in transit: deposit address to treasury in one entry. Key: `sweep:<sweep id>`. */
export function depositSwept(sweep: Sweep & { readonly transactionId: string }): EntryDraft {
  return arrival(sweep, accounts.depositWallet(sweep.chain, sweep.token));
}

/** One movement of tokens from a deposit address to the treasury. */
export type Sweep = {
  readonly sweepId: string;
  readonly chain: string;
  readonly token: string;
  readonly amount: Nanodollars;
};

function arrival(sweep: Sweep & { readonly transactionId: string }, from: AccountName): EntryDraft {
  return {
    kind: "deposit_swept",
    idempotencyKey: `sweep:${sweep.sweepId}`,
    postings: [
      { account: accounts.treasury(sweep.chain, sweep.token), side: "debit", amount: sweep.amount },
      { account: from, side: "credit", amount: sweep.amount },
    ],
    metadata: { sweep: sweep.sweepId, transaction: sweep.transactionId },
  };
}

function words(deposit: OnChainTransfer): { transaction: string; log_index: number } {
  return { transaction: deposit.transactionId, log_index: deposit.logIndex };
}
