import { depositSwept } from "../../ledger/postings/deposits.ts";
import { networkFeePaid } from "../../ledger/postings/fees-and-gas.ts";
import { divide, tokenUnitsToNanodollars } from "../../money/conversions.ts";
import { type Nanodollars, nanodollars } from "../../money/nanodollars.ts";
import type { Database } from "../../platform/database/pool.ts";
import type { Chain } from "./chain.ts";
import { SweepNotReady } from "./errors.ts";
import type { LedgerWriter } from "./ledger-writer.ts";
import { claimCost, listOutgoingOfSweep, type OutgoingTransaction } from "./outgoing-transaction-store.ts";
import { findToken } from "./sweep.ts";
import { attemptKey } from "./sweep-methods/sweep-method.ts";
import { findSweep, linkSweepEntry, markSwept, nextAttempt, type Sweep } from "./sweep-store.ts";

const EVM_DECIMALS = 18;

type Needs = { readonly database: Database; readonly ledger: LedgerWriter; readonly chain: Chain };

/**
 * What was written down: the tokens are at the offramp wallet; the attempt reverted or expired and the next `prepareSweep` makes
 * another; or only its fuel arrived, and the next `prepareSweep` goes on. `gasCost` is what was booked by this call in nanodollars, as
 * a decimal string; "0" when its cost was recorded before.
 */
export type RecordedSweep = { readonly outcome: "swept" | "reverted" | "fuelled"; readonly gasCost: string };

/**
 * Writes a mined sweep into the books: tokens from the deposit wallets to the treasury, and the real cost of gas. One transaction,
 * each part exactly once, however often it is called. Throws `SweepNotReady` while its transaction is not mined for good.
 */
export async function recordSweep(needs: Needs, input: { readonly sweepId: string }): Promise<RecordedSweep> {
  const sweep = await findSweep(needs.database, input.sweepId);
  if (sweep === undefined) throw new SweepNotReady(input.sweepId, "there is no such sweep");
  const sent = await listOutgoingOfSweep(needs.database, sweep.id);
  const verdict = judge(sweep, sent);
  if (verdict.outcome === "unknown") throw new SweepNotReady(sweep.id, "its transaction is not mined yet");
  const { outcome } = verdict;
  return needs.database.transaction(async (transaction) => {
    const gasCost = await recordCosts({ ...needs, transaction }, { sweep, sent });
    if (outcome === "reverted") await nextAttempt(transaction, { id: sweep.id, attempt: verdict.attempt });
    if (outcome === "swept") {
      await recordArrival({ ...needs, transaction }, { sweep, transactionHash: verdict.transactionHash });
    }
    return { outcome, gasCost };
  });
}

type Verdict =
  | { readonly outcome: "swept"; readonly transactionHash: string }
  | { readonly outcome: "reverted"; readonly attempt: number }
  | { readonly outcome: "fuelled" | "unknown" };

/** What its transactions say of a sweep. Pure. */
function judge(sweep: Sweep, sent: readonly OutgoingTransaction[]): Verdict {
  const attempt = sent.find(({ key }) => key === attemptKey(sweep));
  const transactionHash = attempt?.status === "mined" ? attempt.hash : sweep.settledTransactionHash;
  if (transactionHash !== null) return { outcome: "swept", transactionHash };
  if (attempt?.status === "failed" || attempt?.status === "expired") {
    return { outcome: "reverted", attempt: sweep.attempts };
  }
  if (attempt !== undefined) return { outcome: "unknown" };
  const [latest] = sent.slice(-1);
  if (latest?.key.startsWith("fuel:") === true) {
    return { outcome: latest.status === "mined" || latest.status === "failed" ? "fuelled" : "unknown" };
  }
  // A later attempt that is not made yet: the one before it was written down, by a call whose answer may have been lost.
  return sweep.attempts > 1 ? { outcome: "reverted", attempt: 0 } : { outcome: "unknown" };
}

type InTransaction = Omit<Needs, "database"> & { readonly transaction: Parameters<LedgerWriter["postIn"]>[0] };

/** Books the gas of every transaction of the sweep that is in the chain for good, each once. */
async function recordCosts(
  needs: InTransaction,
  input: { readonly sweep: Sweep; readonly sent: readonly OutgoingTransaction[] },
): Promise<string> {
  let total = 0n;
  for (const { id, hash, feeUnits } of input.sent) {
    if (feeUnits === null || hash === null) continue;
    const amount = gasCostOf(needs.chain, feeUnits);
    if (!(await claimCost(needs.transaction, id)) || amount === 0n) continue;
    total += amount;
    await needs.ledger.postIn(
      needs.transaction,
      networkFeePaid({
        chain: needs.chain.network.id,
        transactionId: hash,
        amount,
        ...purchaseOf(input.sweep),
      }),
    );
  }
  return total.toString();
}

async function recordArrival(
  needs: InTransaction,
  input: { readonly sweep: Sweep; readonly transactionHash: string },
): Promise<void> {
  const { sweep, transactionHash } = input;
  const { chain, ledger, transaction } = needs;
  if (!(await markSwept(transaction, { id: sweep.id, hash: transactionHash }))) return;
  // What goes back to its sender left the books when it was promised.
  if (sweep.refundedTransaction !== null) return;
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
  return nanodollars(
    divide(feeUnits * chain.network.nativePrice, 10n ** BigInt(chain.network.nativeDecimals ?? EVM_DECIMALS), "up"),
  );
}
