import type { Knex } from "knex";
import type { AccountName } from "../../../ledger/chart-of-accounts.ts";
import { parseAccountName } from "../../../ledger/chart-of-accounts.ts";
import { depositReassigned } from "../../../ledger/postings/reassignments.ts";
import type { Nanodollars } from "../../../money/nanodollars.ts";
import { DepositNotAssignable, DepositNotFound } from "../errors.ts";
import { asPosted } from "./credit-deposit.ts";
import { isPartlyRefunded, markMoved } from "./deposit-move-store.ts";
import type { Deposit } from "./deposit-store.ts";
import { assignDeposit, type SuspenseNeeds } from "./suspense.ts";
import { lockDeposit } from "./suspense-store.ts";

/**
 * Gives a deposit to a customer: out of suspense, or from another customer it was credited to by mistake. Balances and the deposit's
 * account change together, in the caller's transaction. `key` names the move; the caller sees to it that one request is one move.
 * Throws `deposit_not_found`, `deposit_not_assignable`, `insufficient_funds` when the first has spent it, and `unknown_account`.
 */
export async function moveDeposit(
  transaction: Knex.Transaction,
  needs: SuspenseNeeds,
  input: { readonly key: string; readonly depositId: string; readonly account: AccountName },
): Promise<{ readonly amount: Nanodollars; readonly from: string }> {
  const { depositId, account } = input;
  const deposit = await lockDeposit(transaction, depositId);
  if (deposit === undefined) throw new DepositNotFound(depositId);
  if (await isPartlyRefunded(transaction, depositId))
    throw new DepositNotAssignable(depositId, "some of it went back to its sender already");
  if (deposit.account === account) throw new DepositNotAssignable(depositId, "it is credited to this account already");
  const transfer = asPosted(needs.chains.find(deposit.chain), deposit);
  if (transfer === undefined)
    throw new DepositNotAssignable(depositId, "it is in a token without a price, so there are no dollars to give");
  if (deposit.status === "confirmed")
    await moveCredit(transaction, needs, { ...input, deposit, amount: transfer.amount });
  else await assignDeposit(transaction, needs, { depositId, account });
  return { amount: transfer.amount, from: deposit.account };
}

async function moveCredit(
  transaction: Knex.Transaction,
  needs: SuspenseNeeds,
  move: {
    readonly key: string;
    readonly deposit: Deposit;
    readonly account: AccountName;
    readonly amount: Nanodollars;
  },
): Promise<void> {
  const { key, deposit, account, amount } = move;
  const from = parseAccountName(deposit.account);
  const draft = depositReassigned({ key, depositId: deposit.id, from, to: account, amount });
  const { entryId } = await needs.ledger.postIn(transaction, draft);
  await markMoved(transaction, { id: deposit.id, account, from, entryId });
}
