import { depositSwept } from "../../ledger/postings/deposits.ts";
import { networkFeePaid } from "../../ledger/postings/fees-and-gas.ts";
import { divide, tokenUnitsToNanodollars } from "../../money/conversions.ts";
import { type Nanodollars, nanodollars } from "../../money/nanodollars.ts";
import type { Database } from "../../platform/database/pool.ts";
import type { Chain } from "./chain.ts";
import { SweepNotReady } from "./errors.ts";
import type { LedgerWriter } from "./ledger-writer.ts";
import { claimCost, findOutgoingByKey, type OutgoingTransaction } from "./outgoing-transaction-store.ts";
import { attemptKey, findToken } from "./sweep.ts";
import { findSweep, linkSweepEntry, markSwept, nextAttempt, type Sweep } from "./sweep-store.ts";

/** Base units of every EVM chain's native coin. */
const NATIVE_DECIMALS = 18;

type Needs = { readonly database: Database; readonly ledger: LedgerWriter; readonly chain: Chain };

/**
 * What was written down: the tokens are at the offramp wallet, or the attempt reverted and the next `prepareSweep` makes another.
 * `gasCost` is what this attempt cost in nanodollars, as a decimal string; "0" when its cost was recorded before.
 */
export type RecordedSweep = { readonly outcome: "swept" | "reverted"; readonly gasCost: string };

/**
 * Writes a mined sweep into the books: tokens from the deposit wallets to the treasury, and the real cost of gas. One transaction,
 * each part exactly once, however often it is called. Throws `SweepNotReady` while its transaction is not mined for good.
 */
export async function recordSweep(needs: Needs, input: { readonly sweepId: string }): Promise<RecordedSweep> {
  const sweep = await findSweep(needs.database, input.sweepId);
  if (sweep === undefined) throw new SweepNotReady(input.sweepId, "there is no such sweep");
  const attempt = await findOutgoingByKey(needs.database, attemptKey(sweep));
  const settledBy = attempt?.status === "mined" ? attempt.hash : sweep.settledTransactionHash;
  // A later attempt that is not made yet: the one before it was written down, by a call whose answer may have been lost.
  if (settledBy === null && attempt === undefined && sweep.attempts > 1) return { outcome: "reverted", gasCost: "0" };
  const reverted = attempt?.status === "failed";
  if (settledBy === null && !reverted) throw new SweepNotReady(sweep.id, "its transaction is not mined yet");
  return needs.database.transaction(async (transaction) => {
    const gasCost = await recordCost({ ...needs, transaction }, { sweep, attempt });
    if (settledBy === null) {
      await nextAttempt(transaction, { id: sweep.id, attempt: sweep.attempts });
      return { outcome: "reverted", gasCost };
    }
    await recordArrival({ ...needs, transaction }, { sweep, transactionHash: settledBy });
    return { outcome: "swept", gasCost };
  });
}

type InTransaction = Omit<Needs, "database"> & { readonly transaction: Parameters<LedgerWriter["postIn"]>[0] };

async function recordCost(
  needs: InTransaction,
  input: { readonly sweep: Sweep; readonly attempt: OutgoingTransaction | undefined },
): Promise<string> {
  const { attempt, sweep } = input;
  if (attempt === undefined || attempt.feeUnits === null || attempt.hash === null) return "0";
  const amount = gasCostOf(needs.chain, attempt.feeUnits);
  if (!(await claimCost(needs.transaction, attempt.id)) || amount === 0n) return "0";
  const { network } = needs.chain;
  await needs.ledger.postIn(
    needs.transaction,
    networkFeePaid({ chain: network.id, transactionId: attempt.hash, amount, ...purchaseOf(sweep) }),
  );
  return amount.toString();
}

async function recordArrival(
  needs: InTransaction,
  input: { readonly sweep: Sweep; readonly transactionHash: string },
): Promise<void> {
  const { sweep, transactionHash } = input;
  const { chain, ledger, transaction } = needs;
  if (!(await markSwept(transaction, { id: sweep.id, hash: transactionHash }))) return;
  const token = findToken(chain, sweep.token);
  const amount = tokenUnitsToNanodollars(sweep.amountUnits, token.decimals, "down");
  const posted = await ledger.postIn(
    transaction,
    depositSwept({
      chain: sweep.chain,
      token: token.symbol,
      transactionId: transactionHash,
      sweepId: sweep.id,
      amount,
    }),
  );
  await linkSweepEntry(transaction, { id: sweep.id, entryId: posted.entryId });
}

/** Whose sweep it was, when the deposits were a purchase's. */
function purchaseOf(sweep: Sweep): { readonly purchaseId?: string } {
  const [accountClass, purchaseId] = sweep.account.split("/");
  return accountClass === "purchase" && purchaseId !== undefined ? { purchaseId } : {};
}

/** Native base units at the chain's configured price, rounded up to a nanodollar: a cost is never written too small. */
export function gasCostOf(chain: Pick<Chain, "network">, feeUnits: bigint): Nanodollars {
  return nanodollars(divide(feeUnits * chain.network.nativePrice, 10n ** BigInt(NATIVE_DECIMALS), "up"));
}
