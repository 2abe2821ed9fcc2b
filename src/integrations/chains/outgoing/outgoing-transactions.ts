import type { Database } from "../../../platform/database/pool.ts";
import type { Chain, TransactionQuote, TransactionReceipt } from "../chain.ts";
import { NonceGap, SweepNotReady } from "../errors.ts";
import type { Signer } from "../signer.ts";
import { fillGap, finishSigning, healBelow } from "./nonce-lane.ts";
import {
  findOutgoing,
  markBroadcast,
  markExpired,
  markMined,
  type OutgoingTransaction,
  reserveNonce,
} from "./outgoing-transaction-store.ts";
import { replaceIfStuck } from "./stuck-fees.ts";
import { listVersions } from "./transaction-version-store.ts";

type ChainNeeds = { readonly database: Database; readonly chain: Chain };

/**
 * Where a sent transaction stands. `mined` is for good (its block is final), whether or not the call succeeded; fuel, which only prepares
 * what is written down, is built upon after `sweepConfirmations`. `dropped`: the node does not know it any more, broadcast it again. `expired`: it can never be mined, make another. Amounts are decimal strings: native base units and gas.
 */
export type TransactionState =
  | { readonly state: "pending" }
  | { readonly state: "dropped" }
  | { readonly state: "expired" }
  | {
      readonly state: "mined";
      readonly succeeded: boolean;
      readonly gasUsed: string;
      readonly effectiveGasPrice: string;
      readonly feeUnits: string;
    };

/**
 * Gives a quoted call the next nonce of `wallet`, signs it and stores the bytes, all before anything is sent. The same key always
 * answers the same bytes, also after a crash between any two of these steps. Throws `NonceGap` for a gap too long to fill.
 */
export async function prepareTransaction(
  needs: ChainNeeds & { readonly signer: Signer },
  input: {
    readonly key: string;
    readonly wallet: string;
    readonly quote: TransactionQuote;
    readonly sweepId?: string;
    readonly refundId?: string;
  },
): Promise<OutgoingTransaction> {
  const { database, chain } = needs;
  const { key, wallet, sweepId, refundId } = input;
  const { unsigned, chainNonce } = input.quote;
  const reservation = await database.transaction((transaction) =>
    reserveNonce(transaction, { key, chain: chain.network.id, wallet, chainNonce, unsigned, sweepId, refundId }),
  );
  if (reservation.outcome === "reserved") return finishSigning(needs, reservation.transaction);
  const { signedBy } = unsigned;
  await fillGap(needs, { ...reservation, wallet, signedBy, sweepId: sweepId ?? null });
  return prepareTransaction(needs, input);
}

/**
 * Sends a stored transaction; sending it again at any time is harmless. On the way it heals the wallet's lane below it, and when it has
 * waited too long or offers too little, a version with higher fees is stored and sent. Throws `GasTankEmpty`, `RpcUnavailable`,
 * `NonceGap` when a transaction that is not ours took its nonce, `SweepNotReady` for an unknown id.
 */
export async function broadcastTransaction(
  needs: ChainNeeds & { readonly signer: Signer },
  input: { readonly outgoingTransactionId: string },
): Promise<{ readonly hash: string }> {
  const { database, chain } = needs;
  let stored = await readPrepared(database, input.outgoingTransactionId);
  const { nonce, fromAddress: wallet, sweepId } = stored;
  if ((await findReceipt(needs, stored)) !== undefined) return { hash: stored.hash };
  if (nonce !== null) {
    await healBelow(needs, { wallet, signedBy: stored.unsigned.signedBy, sweepId, nonce });
    const isReplaced = await replaceIfStuck(needs, { transaction: stored });
    if (isReplaced) stored = await readPrepared(database, stored.id);
  }
  const outcome = await chain.broadcast(stored.raw);
  if (outcome === "nonce_used" && (await findReceipt(needs, stored)) === undefined) throw nonceTaken(chain, stored);
  await markBroadcast(database, stored.id);
  return { hash: stored.hash };
}

/**
 * Reads where a stored transaction stands, in whichever version, and remembers its real cost once it is mined. Same failures as
 * broadcasting.
 */
export async function checkTransaction(
  needs: ChainNeeds,
  input: { readonly outgoingTransactionId: string },
): Promise<TransactionState> {
  const { database, chain } = needs;
  const stored = await readPrepared(database, input.outgoingTransactionId);
  const found = await findReceipt(needs, stored);
  if (found === undefined) return findMissing(needs, stored);
  const { receipt, hash } = found;
  const head = await chain.readHead();
  const depth = head.number - receipt.block.number + 1;
  const canonical = await chain.readBlockHash(receipt.block.number);
  if (depth < blocksNeeded(chain, stored) || canonical !== receipt.block.hash) return { state: "pending" };
  const { succeeded, gasUsed, feeUnits } = receipt;
  await markMined(database, { id: stored.id, hash, succeeded, blockNumber: receipt.block.number, gasUsed, feeUnits });
  return {
    state: "mined",
    succeeded,
    gasUsed: gasUsed.toString(),
    effectiveGasPrice: (gasUsed === 0n ? 0n : feeUnits / gasUsed).toString(),
    feeUnits: feeUnits.toString(),
  };
}

/** The books are never taken back, so nothing is written into them that a reorg could undo. */
function blocksNeeded({ network }: Chain, { unsigned }: OutgoingTransaction): number {
  const { finalityBlocks, sweepConfirmations } = network;
  return unsigned.fuels === undefined ? Math.max(finalityBlocks, sweepConfirmations) : sweepConfirmations;
}

type Prepared = OutgoingTransaction & { readonly raw: string; readonly hash: string };

/** The receipt of whichever version is in a block. */
async function findReceipt(
  { database, chain }: ChainNeeds,
  stored: Prepared,
): Promise<{ readonly hash: string; readonly receipt: TransactionReceipt } | undefined> {
  for (const { hash } of await listVersions(database, stored.id)) {
    const receipt = await chain.readReceipt(hash);
    if (receipt !== undefined) return { hash, receipt };
  }
  return undefined;
}

async function readPrepared(database: Database, id: string): Promise<Prepared> {
  const stored = await findOutgoing(database, id);
  if (stored === undefined) throw new SweepNotReady(id, "there is no such transaction");
  const { raw, hash } = stored;
  if (raw === null || hash === null) throw new SweepNotReady(id, "it is not signed yet, prepare it again");
  return { ...stored, raw, hash };
}

async function findMissing(needs: ChainNeeds, stored: Prepared): Promise<TransactionState> {
  const { chain, database } = needs;
  if (stored.status === "expired" || (await chain.isExpired?.(stored)) === true) {
    await markExpired(database, stored.id);
    return { state: "expired" };
  }
  if (await chain.isTransactionKnown(stored.hash)) return { state: "pending" };
  if (stored.nonce === null) return { state: "dropped" };
  const mined = await chain.readNonce(stored.fromAddress);
  if (mined <= stored.nonce) return { state: "dropped" };
  // It may have been mined between the two questions.
  if ((await findReceipt(needs, stored)) !== undefined) return { state: "pending" };
  throw nonceTaken(chain, stored);
}

function nonceTaken(chain: Chain, stored: Prepared): NonceGap {
  const reason = "another transaction of this wallet, not sent by us, took this nonce";
  return new NonceGap({ chain: chain.network.id, wallet: stored.fromAddress, nonce: stored.nonce ?? 0, reason });
}
