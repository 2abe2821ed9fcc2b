import type { Database } from "../../../platform/database/pool.ts";
import { raiseWake } from "../../../platform/temporal/wake-store.ts";
import type { Chain } from "../chain.ts";
import { ChainNotSupported, DepositNotFound } from "../errors.ts";
import { requestRaise } from "../outgoing/transaction-version-store.ts";
import type { ChainRegistry } from "../registry.ts";
import { findChainOfDeposit } from "./sweep-request-store.ts";

/** The chain a deposit is on. Throws `ChainNotSupported` when this worker is not configured for it. */
export async function readChainOfDeposit(
  needs: { readonly database: Database; readonly chains: ChainRegistry },
  depositId: string,
): Promise<Chain> {
  const id = await findChainOfDeposit(needs.database, depositId);
  if (id === undefined) throw new ChainNotSupported(`of deposit ${depositId}`);
  return needs.chains.find(id);
}

/**
 * An operator's push: a sweep that is parked is tried again at once, and a transaction of it that is in no block yet is offered again
 * with higher fees. In the caller's transaction; repeating is harmless. Answers how many transactions are offered again. Throws
 * `deposit_not_found`.
 */
export async function resumeSweep(
  transaction: Database,
  input: { readonly depositId: string },
): Promise<{ readonly raised: number }> {
  const { depositId } = input;
  if ((await findChainOfDeposit(transaction, depositId)) === undefined) throw new DepositNotFound(depositId);
  const raised = await requestRaise(transaction, depositId);
  await raiseWake(transaction, `sweep/${depositId}`);
  return { raised };
}
