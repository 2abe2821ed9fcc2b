import { depositSwept } from "../../../ledger/postings/deposits.ts";
import { networkFeePaid } from "../../../ledger/postings/fees-and-gas.ts";
import { allocate } from "../../../money/allocation.ts";
import { tokenUnitsToNanodollars } from "../../../money/conversions.ts";
import { ZERO } from "../../../money/nanodollars.ts";
import type { Database } from "../../../platform/database/pool.ts";
import { readDepositAddress } from "../addresses/deposit-addresses.ts";
import type { Chain, TransactionReceipt } from "../chain.ts";
import { SweepNotReady, TokensNotMoved } from "../errors.ts";
import type { LedgerWriter } from "../ledger-writer.ts";
import { gasCostOf } from "../outgoing/gas-cost.ts";
import {
  claimCost,
  findOutgoingByKey,
  listOutgoingOfSweep,
  type OutgoingTransaction,
} from "../outgoing/outgoing-transaction-store.ts";
import { attemptKey } from "./methods/sweep-method.ts";
import { findToken } from "./sweep.ts";
import { batchKey, leaveBatch, listBatch } from "./sweep-batch-store.ts";
import { findSweep, linkSweepEntry, markSwept, nextAttempt, type Sweep } from "./sweep-store.ts";

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
  const batch = sweep.batchId === null ? undefined : await findOutgoingByKey(needs.database, batchKey(sweep.batchId));
  const sent = await listOutgoingOfSweep(needs.database, sweep.id);
  const verdict = batch === undefined ? judge(sweep, sent) : await judgeInBatch(needs, { sweep, batch });
  if (verdict.outcome === "swept" && batch === undefined) await refuseUnmoved(needs, sweep, verdict.transactionHash);
  if (verdict.outcome === "unknown") throw new SweepNotReady(sweep.id, "its transaction is not mined yet");
  const { outcome } = verdict;
  return needs.database.transaction(async (transaction) => {
    const inTransaction = { ...needs, transaction };
    const shared = batch === undefined ? 0n : await recordBatchCost(inTransaction, { sweep, batch });
    const gasCost = (shared + (await recordCosts(inTransaction, { sweep, sent }))).toString();
    if (outcome === "reverted") {
      await nextAttempt(transaction, { id: sweep.id, attempt: verdict.attempt });
      if (batch !== undefined) await leaveBatch(transaction, sweep.id);
    }
    if (outcome === "swept") {
      await recordArrival(inTransaction, { sweep, transactionHash: verdict.transactionHash });
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

/**
 * In a batch each sweep is judged by itself: by its own transfer in the receipt, as a call inside may fail while the transaction succeeds.
 * What failed goes alone the next time.
 */
async function judgeInBatch(
  needs: Needs,
  { sweep, batch }: { readonly sweep: Sweep; readonly batch: OutgoingTransaction },
): Promise<Verdict> {
  if (sweep.settledTransactionHash !== null) return { outcome: "swept", transactionHash: sweep.settledTransactionHash };
  if (batch.hash === null || (batch.status !== "mined" && batch.status !== "failed")) return { outcome: "unknown" };
  const receipt = await needs.chain.readReceipt(batch.hash);
  if (receipt === undefined) return { outcome: "unknown" };
  const isMoved = await hasMoved(needs, sweep, receipt);
  if (receipt.succeeded && isMoved) return { outcome: "swept", transactionHash: batch.hash };
  return { outcome: "reverted", attempt: sweep.attempts };
}

/** A token may say no without reverting, or keep a part (C02, C03): only its own transfer in the receipt proves that it moved. */
async function refuseUnmoved(needs: Needs, sweep: Sweep, transactionHash: string): Promise<void> {
  if (needs.chain.network.kind !== "evm") return;
  const receipt = await needs.chain.readReceipt(transactionHash);
  if (receipt === undefined) throw new SweepNotReady(sweep.id, "its transaction is in no block just now");
  if (!(await hasMoved(needs, sweep, receipt))) throw new TokensNotMoved({ sweepId: sweep.id, transactionHash });
}

async function hasMoved({ database }: Needs, sweep: Sweep, receipt: TransactionReceipt): Promise<boolean> {
  const { address } = await readDepositAddress(database, sweep.depositAddressId);
  return receipt.transfers.some(
    ({ token, from, to, amountUnits }) =>
      token === sweep.token && from === address && to === sweep.destination && amountUnits === sweep.amountUnits,
  );
}

/**
 * Books a batch's gas once, a part for each sweep in it, which together are exactly what it cost. Answers the part of this sweep, zero when
 * another one's call booked it.
 */
async function recordBatchCost(
  needs: InTransaction,
  { sweep, batch }: { readonly sweep: Sweep; readonly batch: OutgoingTransaction },
): Promise<bigint> {
  const { id, hash, feeUnits } = batch;
  if (sweep.batchId === null || hash === null || feeUnits === null) return 0n;
  const whole = gasCostOf(needs.chain, feeUnits);
  if (!(await claimCost(needs.transaction, id)) || whole === 0n) return 0n;
  const members = await listBatch(needs.transaction, sweep.batchId);
  const parts = allocate(
    whole,
    members.map(() => 1n),
  );
  let own = 0n;
  for (const [place, member] of members.entries()) {
    const amount = parts[place] ?? ZERO;
    if (amount === 0n) continue;
    if (member.id === sweep.id) own = amount;
    const fee = { chain: needs.chain.network.id, transactionId: hash, part: member.id, amount };
    await needs.ledger.postIn(needs.transaction, networkFeePaid({ ...fee, ...purchaseOf(member) }));
  }
  return own;
}

type InTransaction = Omit<Needs, "database"> & { readonly transaction: Parameters<LedgerWriter["postIn"]>[0] };

/** Books the gas of every transaction of the sweep that is in the chain for good, each once. */
async function recordCosts(
  needs: InTransaction,
  input: { readonly sweep: Sweep; readonly sent: readonly OutgoingTransaction[] },
): Promise<bigint> {
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
  return total;
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
