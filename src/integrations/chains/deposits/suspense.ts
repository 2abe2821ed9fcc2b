import type { Knex } from "knex";
import type { AccountName } from "../../../ledger/chart-of-accounts.ts";
import { suspenseResolved } from "../../../ledger/postings/deposits.ts";
import type { Database } from "../../../platform/database/pool.ts";
import { raiseWake } from "../../../platform/temporal/wake-store.ts";
import { DepositNotAssignable, DepositNotFound } from "../errors.ts";
import type { LedgerWriter } from "../ledger-writer.ts";
import type { ChainRegistry } from "../registry.ts";
import { asPosted, suspenseReason } from "./credit-deposit.ts";
import type { Deposit } from "./deposit-store.ts";
import { listInSuspense, lockDeposit, markAssigned } from "./suspense-store.ts";

/** What giving a deposit away needs. */
export type SuspenseNeeds = { readonly ledger: LedgerWriter; readonly chains: ChainRegistry };

const PAGE = 50;

/**
 * Gives a deposit in suspense to a customer's account, whole and for good: its row, the ledger entry, and from then on it is swept like any
 * other of its address. In the caller's transaction, so that a record of who did it stands or falls with it. Once: the same account again
 * changes nothing and answers `isNew: false`; another account throws `deposit_not_assignable`, as does a deposit that is not in suspense or has no
 * dollars in the books. Throws `deposit_not_found`, and what the ledger throws.
 */
export async function assignDeposit(
  transaction: Knex.Transaction,
  needs: SuspenseNeeds,
  input: { readonly depositId: string; readonly account: AccountName },
): Promise<{ readonly deposit: Deposit; readonly entryId: string; readonly isNew: boolean }> {
  const { depositId, account } = input;
  const deposit = await lockDeposit(transaction, depositId);
  if (deposit === undefined) throw new DepositNotFound(depositId);
  if (deposit.assignedFrom !== null && deposit.account === account && deposit.entryId !== null) {
    return { deposit, entryId: deposit.entryId, isNew: false };
  }
  const reason = suspenseReason(deposit);
  if (deposit.status !== "suspense" || reason === undefined) {
    throw new DepositNotAssignable(depositId, `it is ${deposit.status}, not in suspense`);
  }
  const transfer = asPosted(needs.chains.find(deposit.chain), deposit);
  if (transfer === undefined || deposit.entryId === null) {
    throw new DepositNotAssignable(depositId, "it is in a token without a price, so there are no dollars to give");
  }
  const draft = suspenseResolved({ ...transfer, occasion: deposit.credits, reason, account });
  const { entryId } = await needs.ledger.postIn(transaction, draft);
  await markAssigned(transaction, { id: depositId, account, from: deposit.account, entryId });
  if (account.startsWith("purchase/")) await raiseWake(transaction, account);
  const assigned = { ...deposit, status: "confirmed", account, assignedFrom: deposit.account, entryId } as const;
  return { deposit: { ...assigned, waitingFor: null }, entryId, isNew: true };
}

/** One page of deposits in suspense. `next` continues it; null at the end. */
export type SuspensePage = { readonly deposits: readonly Deposit[]; readonly next: string | null };

/**
 * What waits for an owner, oldest first, for operators: at most `limit` (50 unless told) a page. `cursor` is the `next` of the page before; one that
 * nobody gave out begins at the start. With `reason`, only one suspense account, such as `wrong-token`.
 */
export async function listSuspense(
  database: Database,
  input: { readonly cursor?: string | null; readonly limit?: number; readonly reason?: string } = {},
): Promise<SuspensePage> {
  const limit = Math.min(Math.max(1, input.limit ?? PAGE), 500);
  const after = readCursor(input.cursor ?? null);
  const found = await listInSuspense(database, { after, limit: limit + 1, reason: input.reason ?? null });
  const deposits = found.slice(0, limit);
  const last = deposits.at(-1);
  const isMore = found.length > limit && last !== undefined;
  return { deposits, next: isMore ? `${last.observedAt.toISOString()}_${last.id}` : null };
}

function readCursor(cursor: string | null) {
  const match = /^([0-9TZ:.-]{20,30})_(dep_[A-Za-z0-9]{1,60})$/.exec(cursor ?? "");
  const observedAt = new Date(match?.[1] ?? "");
  return match === null || Number.isNaN(observedAt.getTime()) ? null : { observedAt, id: match[2] ?? "" };
}
