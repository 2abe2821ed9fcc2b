import { readDepositAddress } from "../../addresses/deposit-addresses.ts";
import type { AuthorizedTransfer, TransactionQuote } from "../../chain.ts";
import { DepositAddressShort, KeyRingNotLoaded, TransactionWouldFail } from "../../errors.ts";
import { finishSigning } from "../../outgoing/nonce-lane.ts";
import { findOutgoingByKey, type OutgoingTransaction } from "../../outgoing/outgoing-transaction-store.ts";
import { prepareTransaction } from "../../outgoing/outgoing-transactions.ts";
import { batchKey, formBatch, listBatch, listBatchable } from "../sweep-batch-store.ts";
import type { Sweep } from "../sweep-store.ts";
import type { SweepJob, SweepNeeds } from "./sweep-method.ts";

/** One sweep ready to be sent, alone or with others: its signed authorization and what gas it would take alone. */
export type ReadySweep = { readonly sweep: Sweep; readonly transfer: AuthorizedTransfer; readonly gas: bigint };

/** Signs and prices one sweep, or throws why it cannot be sent. */
type MakeReady = (job: SweepJob) => Promise<ReadySweep | undefined>;

/** Whether one transaction takes less gas than each sweep by itself. Pure. */
export function isBatchCheaper(input: { readonly alone: readonly bigint[]; readonly together: bigint }): boolean {
  return input.alone.length > 1 && input.together < input.alone.reduce((sum, gas) => sum + gas, 0n);
}

/** The transaction of the batch a sweep is in already; undefined when it is in none or its transaction is not made yet. */
export async function findBatched(needs: SweepNeeds, sweep: Sweep): Promise<OutgoingTransaction | undefined> {
  if (sweep.batchId === null) return undefined;
  const stored = await findOutgoingByKey(needs.database, batchKey(sweep.batchId));
  return stored === undefined ? undefined : finishSigning(needs, stored);
}

/**
 * Sends a sweep together with others of its token that wait, where the token's data allows it and it is cheaper. Who cannot be sent
 * (frozen, drained) is left out, and who fails inside fails alone. Undefined: send it by itself.
 */
export async function prepareBatch(
  needs: SweepNeeds,
  input: { readonly job: SweepJob; readonly own: ReadySweep; readonly makeReady: MakeReady },
): Promise<OutgoingTransaction | undefined> {
  const { job, own, makeReady } = input;
  const { token, sweep, refunds } = job;
  if (token.batchMost === undefined || needs.chain.quoteBatch === undefined || refunds !== undefined) return undefined;
  const { chain, destination } = sweep;
  const waiting = await listBatchable(needs.database, { chain, token: token.address, destination, except: sweep.id });
  const others: ReadySweep[] = [];
  for (const other of waiting.slice(0, token.batchMost - 1)) {
    const ready = await readyOrUndefined(needs, { sweep: other, job, makeReady });
    if (ready !== undefined) others.push(ready);
  }
  const all = [own, ...others];
  const quote = await quoteTogether(needs, all);
  if (quote === undefined || !isBatchCheaper({ alone: all.map(({ gas }) => gas), together: gasOf(quote) }))
    return undefined;
  const batchId = await needs.database.transaction((transaction) =>
    formBatch(transaction, {
      chain,
      token: token.address,
      sweepIds: all.map(({ sweep: { id } }) => id),
      own: sweep.id,
    }),
  );
  const members = new Set((await listBatch(needs.database, batchId)).map(({ id }) => id));
  const formed = all.filter(({ sweep: { id } }) => members.has(id));
  const final = formed.length === all.length ? quote : await quoteTogether(needs, formed);
  if (final === undefined) return undefined;
  const wallet = needs.signer.vendorWallet;
  return prepareTransaction(needs, { key: batchKey(batchId), wallet, quote: final });
}

async function quoteTogether(needs: SweepNeeds, ready: readonly ReadySweep[]): Promise<TransactionQuote | undefined> {
  if (ready.length < 2) return undefined;
  return needs.chain.quoteBatch?.({
    transfers: ready.map(({ transfer }) => transfer),
    sender: needs.signer.vendorWallet,
  });
}

/** One that cannot be sent must not hold the others up: its own workflow says why. */
async function readyOrUndefined(
  needs: SweepNeeds,
  input: { readonly sweep: Sweep; readonly job: SweepJob; readonly makeReady: MakeReady },
): Promise<ReadySweep | undefined> {
  try {
    const deposit = await readDepositAddress(needs.database, input.sweep.depositAddressId);
    return await input.makeReady({ sweep: input.sweep, token: input.job.token, deposit });
  } catch (error) {
    const isItsOwn =
      error instanceof TransactionWouldFail ||
      error instanceof DepositAddressShort ||
      error instanceof KeyRingNotLoaded;
    if (!isItsOwn) throw error;
    return undefined;
  }
}

/** What is likely used: the limit without the room above the estimate is the same factor for one and for many. */
function gasOf(quote: TransactionQuote): bigint {
  return BigInt(quote.unsigned.gasLimit);
}
