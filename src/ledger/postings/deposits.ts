import type { Nanodollars } from "../../money/nanodollars.ts";
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

/**
 * A confirmed deposit becomes customer credit: a deposit address we control holds more, so we owe the customer more.
 * Key: `deposit:<chain>:<transaction>:<log index>`, so a watcher that sees it again posts nothing new. Source: seed 000, checkout.
 */
export function depositConfirmed(deposit: OnChainTransfer & { readonly account: AccountName }): EntryDraft {
  return {
    kind: "deposit_confirmed",
    idempotencyKey: `deposit:${deposit.chain}:${deposit.transactionId}:${deposit.logIndex}`,
    postings: [
      { account: accounts.depositWallet(deposit.chain, deposit.token), side: "debit", amount: deposit.amount },
      { account: deposit.account, side: "credit", amount: deposit.amount },
    ],
    metadata: words(deposit),
  };
}

/**
 * A confirmed deposit whose owner or purpose is not known: too late, too little, the wrong token. It is ours to look after and somebody
 * else's to claim. Key as of {@link depositConfirmed}: one transfer is either credited or in suspense, never both.
 */
export function depositInSuspense(deposit: OnChainTransfer & { readonly reason: string }): EntryDraft {
  return {
    kind: "deposit_in_suspense",
    idempotencyKey: `deposit:${deposit.chain}:${deposit.transactionId}:${deposit.logIndex}`,
    postings: [
      { account: accounts.depositWallet(deposit.chain, deposit.token), side: "debit", amount: deposit.amount },
      { account: accounts.suspense(deposit.reason), side: "credit", amount: deposit.amount },
    ],
    metadata: words(deposit),
  };
}

/** Money in suspense found its owner. Key: `suspense:<deposit key>`, so it is given to one owner only. */
export function suspenseResolved(
  deposit: OnChainTransfer & { readonly reason: string; readonly account: AccountName },
): EntryDraft {
  return {
    kind: "suspense_resolved",
    idempotencyKey: `suspense:${deposit.chain}:${deposit.transactionId}:${deposit.logIndex}`,
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
