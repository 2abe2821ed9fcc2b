import type { Knex } from "knex";
import type { AccountName } from "../../../ledger/chart-of-accounts.ts";
import { parseAccountName } from "../../../ledger/chart-of-accounts.ts";
import { depositReassigned } from "../../../ledger/postings/reassignments.ts";
import { tokenUnitsToNanodollars } from "../../../money/conversions.ts";
import type { Nanodollars } from "../../../money/nanodollars.ts";
import type { LedgerWriter } from "../ledger-writer.ts";
import type { ChainRegistry } from "../registry.ts";
import { DepositNotFound, DepositNotMovable } from "./errors.ts";
import { lockDeposit, type MovableDeposit, writeDepositAccount } from "./move-store.ts";

/** What moving a deposit needs. */
export type MoveNeeds = { readonly ledger: LedgerWriter; readonly chains: ChainRegistry };

/**
 * Gives a confirmed deposit that was credited to one customer to another: their balances and the deposit's account change together, in the
 * caller's transaction. `key` names the move; the caller sees to it that one request is one move. Throws `deposit_not_found`,
 * `deposit_not_movable`, `insufficient_funds` when the first has spent it, and `unknown_account`.
 */
export async function moveDeposit(
  transaction: Knex.Transaction,
  needs: MoveNeeds,
  input: { readonly key: string; readonly depositId: string; readonly account: AccountName },
): Promise<{ readonly amount: Nanodollars; readonly from: string }> {
  const { depositId, account, key } = input;
  const deposit = await lockDeposit(transaction, depositId);
  if (deposit === null) throw new DepositNotFound(depositId);
  const { status, account: from } = deposit;
  if (status !== "confirmed")
    throw new DepositNotMovable({ depositId, status, why: `A deposit that is ${status} belongs to nobody's balance.` });
  if (from === account)
    throw new DepositNotMovable({ depositId, status, why: "The deposit is credited to this account already." });
  const amount = amountOf(needs.chains, deposit);
  await needs.ledger.postIn(
    transaction,
    depositReassigned({ key, depositId, from: parseAccountName(from), to: account, amount }),
  );
  await writeDepositAccount(transaction, { depositId, account });
  return { amount, from };
}

function amountOf(chains: ChainRegistry, deposit: MovableDeposit): Nanodollars {
  const { id, chain, token, amountUnits } = deposit;
  const listed = chains.find(chain).network.tokens.find((candidate) => candidate.address === token);
  if (listed === undefined) throw new Error(`deposit ${id} is credited in a token ${chain} no longer lists`);
  return tokenUnitsToNanodollars(amountUnits, listed.decimals, "down");
}
