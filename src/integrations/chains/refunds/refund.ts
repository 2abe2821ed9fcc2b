import { networkFeePaid } from "../../../ledger/postings/fees-and-gas.ts";
import type { RefundClaim } from "../chain.ts";
import { SweepNotReady } from "../errors.ts";
import type { LedgerWriter } from "../ledger-writer.ts";
import { gasCostOf } from "../outgoing/gas-cost.ts";
import { finishSigning } from "../outgoing/nonce-lane.ts";
import { claimCost, findOutgoingByKey, type OutgoingTransaction } from "../outgoing/outgoing-transaction-store.ts";
import { prepareTransaction } from "../outgoing/outgoing-transactions.ts";
import { broadcastSweep } from "../sweeps/broadcast-sweep.ts";
import type { SweepNeeds } from "../sweeps/methods/sweep-method.ts";
import { recordSweep } from "../sweeps/record-sweep.ts";
import { continueSweep } from "../sweeps/sweep.ts";
import { wakeOwnerOfDeposit } from "../sweeps/sweep-request-store.ts";
import { findSweep } from "../sweeps/sweep-store.ts";
import { RefundAwaitsTokens, RefundNotFound, SenderIsContract, TreasuryIsCold } from "./refund-errors.ts";
import { findDepositOfRefund, findRefund, markRefundPaid, nextRefundAttempt, type Refund } from "./refund-store.ts";
import { prepareSponsoredRefund } from "./sponsored-refund.ts";

/** What is to be broadcast for a refund; `transactionId` is null when there is nothing (left) to send. JSON-safe. */
export type RefundStep = {
  readonly refundId: string;
  readonly status: Refund["status"];
  readonly transactionId: string | null;
  readonly details: string;
};

/**
 * Stores the signed transaction that sends a refund, or the fuel it needs first, sending nothing. Answers the same bytes however often it
 * is asked. Throws `sender_is_contract` and `treasury_is_cold` (an operator must act), `refund_awaits_tokens`, `destination_refused` when
 * the signer does not find the deposit on the chain, and what a sweep throws.
 */
export async function prepareRefund(needs: SweepNeeds, input: { readonly refundId: string }): Promise<RefundStep> {
  const refund = await readRefund(needs, input.refundId);
  const what = `${refund.amountUnits} base units of ${refund.token} to ${refund.destination}`;
  const answer = { refundId: refund.id, status: refund.status };
  if (refund.status !== "open")
    return { ...answer, transactionId: null, details: `Refund of ${what}: ${refund.status}.` };
  await requireWallet(needs, refund);
  if (refund.sweepId === null) {
    const sent = await prepareFromVendor(needs, refund);
    return { ...answer, transactionId: sent.id, details: `Sending back ${what} in ${sent.hash}.` };
  }
  const sweep = await findSweep(needs.database, refund.sweepId);
  if (sweep === undefined) throw new Error(`Refund ${refund.id} lost its sweep.`);
  const step = await continueSweep(needs, sweep);
  if (step.state === "waiting") throw new SweepNotReady(refund.id, `it waits ${step.reason}`);
  if (step.state === "settled") {
    return { ...answer, transactionId: null, details: `Sent back ${what} in ${step.transactionHash} already.` };
  }
  const verb = step.purpose === "fuel" ? "Giving the deposit address its gas to send back" : "Sending back";
  return { ...answer, transactionId: step.outgoingTransactionId, details: `${verb} ${what} in ${step.hash}.` };
}

/** Sends a stored transaction of a refund, as a sweep's is sent. */
export const broadcastRefund: typeof broadcastSweep = broadcastSweep;

/** What was written down of a refund. `again`: prepare the next transaction (its gas has arrived, or the attempt reverted). */
export type RecordedRefund = { readonly outcome: "paid" | "again"; readonly gasCost: string };

/**
 * Closes a refund whose tokens have arrived and books what gas cost, each once. Its amount left the books when it was promised. Throws
 * `SweepNotReady` while its transaction is not mined for good.
 */
export async function recordRefund(needs: RecordNeeds, input: { readonly refundId: string }): Promise<RecordedRefund> {
  const refund = await readRefund(needs, input.refundId);
  if (refund.status === "paid") return { outcome: "paid", gasCost: "0" };
  return refund.sweepId === null ? recordFromVendor(needs, refund) : recordFromAddress(needs, refund, refund.sweepId);
}

type RecordNeeds = Omit<SweepNeeds, "signer"> & { readonly ledger: LedgerWriter };

async function recordFromAddress(needs: RecordNeeds, refund: Refund, sweepId: string): Promise<RecordedRefund> {
  const { outcome, gasCost } = await recordSweep(needs, { sweepId });
  if (outcome !== "swept") return { outcome: "again", gasCost };
  const sweep = await findSweep(needs.database, sweepId);
  const transactionHash = sweep?.settledTransactionHash;
  if (transactionHash === null || transactionHash === undefined)
    throw new Error(`Sweep ${sweepId} has no transaction.`);
  await close(needs, { refund, transactionHash });
  return { outcome: "paid", gasCost };
}

async function recordFromVendor(needs: RecordNeeds, refund: Refund): Promise<RecordedRefund> {
  const sent = await findOutgoingByKey(needs.database, attemptOf(refund));
  // A later attempt that is not made yet: the one before it was written down, by a call whose answer may have been lost.
  if (sent === undefined && refund.attempts > 1) return { outcome: "again", gasCost: "0" };
  const isOver = sent?.status === "mined" || sent?.status === "failed" || sent?.status === "expired";
  if (sent === undefined || !isOver) throw new SweepNotReady(refund.id, "it is not mined yet");
  const gasCost = await bookGas(needs, sent);
  if (sent.status !== "mined" || sent.hash === null) {
    await nextRefundAttempt(needs.database, { id: refund.id, attempt: refund.attempts });
    return { outcome: "again", gasCost };
  }
  await close(needs, { refund, transactionHash: sent.hash });
  return { outcome: "paid", gasCost };
}

async function close(
  needs: Pick<SweepNeeds, "database">,
  { refund, transactionHash }: { readonly refund: Refund; readonly transactionHash: string },
): Promise<void> {
  await needs.database.transaction(async (transaction) => {
    if (!(await markRefundPaid(transaction, { id: refund.id, transactionHash }))) return;
    await wakeOwnerOfDeposit(transaction, refund.depositId);
  });
}

async function bookGas(needs: RecordNeeds, { id, hash, feeUnits }: OutgoingTransaction): Promise<string> {
  if (hash === null || feeUnits === null) return "0";
  const amount = gasCostOf(needs.chain, feeUnits);
  return needs.database.transaction(async (transaction) => {
    if (!(await claimCost(transaction, id)) || amount === 0n) return "0";
    const fee = { chain: needs.chain.network.id, transactionId: hash, amount };
    await needs.ledger.postIn(transaction, networkFeePaid(fee));
    return amount.toString();
  });
}

/** A contract may swallow what comes to it: only an operator can say that this one does not. */
async function requireWallet(needs: SweepNeeds, refund: Refund): Promise<void> {
  if (refund.confirmedBy !== null) return;
  const { id: refundId, destination } = refund;
  if ((await needs.chain.isContract?.(destination)) === true) throw new SenderIsContract({ refundId, destination });
}

async function prepareFromVendor(needs: SweepNeeds, refund: Refund): Promise<OutgoingTransaction> {
  const { chain, database, signer } = needs;
  const key = attemptOf(refund);
  const existing = await findOutgoingByKey(database, key);
  if (existing !== undefined) return finishSigning(needs, existing);
  const { token, destination, amountUnits: units } = refund;
  const wallet = signer.vendorWallet;
  if ((await chain.readTokenBalance({ token, owner: wallet })) < units) {
    if (signer.treasury !== wallet) throw new TreasuryIsCold({ refundId: refund.id, units, token, wallet });
    throw new RefundAwaitsTokens({ refundId: refund.id, units, token });
  }
  const refunds = await claimOf(needs, refund);
  if (chain.quoteSponsoredTransfer !== undefined) return prepareSponsoredRefund(needs, { key, refund, refunds });
  const priced = await chain.quoteTokenTransfer({ token, from: wallet, to: destination, amountUnits: units });
  const quote = { ...priced, unsigned: { ...priced.unsigned, refunds } };
  return prepareTransaction(needs, { key, wallet, quote, refundId: refund.id });
}

async function claimOf(needs: SweepNeeds, refund: Refund): Promise<RefundClaim> {
  const { transactionHash, receivedAt } = await findDepositOfRefund(needs.database, refund.depositId);
  return receivedAt === undefined ? { transactionHash } : { transactionHash, receivedAt };
}

async function readRefund(needs: Pick<SweepNeeds, "database">, id: string): Promise<Refund> {
  const refund = await findRefund(needs.database, id);
  if (refund === undefined) throw new RefundNotFound(id);
  return refund;
}

function attemptOf({ id, attempts }: Refund): string {
  return `refund:${id}:${attempts}`;
}
