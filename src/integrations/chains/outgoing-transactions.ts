import type { Database } from "../../platform/database/pool.ts";
import type { Chain, TransactionQuote } from "./chain.ts";
import { NonceGap, SweepNotReady } from "./errors.ts";
import {
  findOutgoing,
  markBroadcast,
  markExpired,
  markMined,
  type OutgoingTransaction,
  reserveNonce,
  storeSigned,
} from "./outgoing-transaction-store.ts";
import type { Signer } from "./signer.ts";

type ChainNeeds = { readonly database: Database; readonly chain: Chain };

/**
 * Where a sent transaction stands. `mined` is for good (deep enough and canonical) whether or not the call succeeded. `dropped`:
 * the node does not know it any more, broadcast it again. `expired`: it can never be mined, make another. Amounts are decimal strings: native base units and gas.
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
 * answers the same bytes, also after a crash between any two of these steps. Throws `NonceGap`.
 */
export async function prepareTransaction(
  needs: ChainNeeds & { readonly signer: Signer },
  input: {
    readonly key: string;
    readonly wallet: string;
    readonly quote: TransactionQuote;
    readonly sweepId?: string;
  },
): Promise<OutgoingTransaction> {
  const { database, chain } = needs;
  const { key, wallet, sweepId } = input;
  const { unsigned, chainNonce } = input.quote;
  const reservation = await database.transaction((transaction) =>
    reserveNonce(transaction, { key, chain: chain.network.id, wallet, chainNonce, unsigned, sweepId }),
  );
  if (reservation.outcome === "gap") {
    const reason = "later nonces were given, but the chain does not hold the earlier ones and we did not give them";
    throw new NonceGap({ chain: chain.network.id, wallet, nonce: reservation.nonce, reason });
  }
  return finishSigning(needs, reservation.transaction);
}

/** Signs a reserved transaction and stores it; one that has its bytes already is returned as it is. */
export async function finishSigning(
  needs: { readonly database: Database; readonly signer: Signer },
  reserved: OutgoingTransaction,
): Promise<OutgoingTransaction> {
  if (reserved.raw !== null) return reserved;
  if (reserved.nonce === null) throw new Error(`Transaction ${reserved.id} has neither a nonce nor bytes.`);
  const signed = await needs.signer.signTransaction(reserved.unsigned, reserved.nonce);
  return storeSigned(needs.database, { id: reserved.id, ...signed });
}

/**
 * Sends a stored transaction; sending it again at any time is harmless. Throws `GasTankEmpty`, `RpcUnavailable`, `NonceGap` when
 * another transaction took its nonce, `SweepNotReady` for an unknown id.
 */
export async function broadcastTransaction(
  needs: ChainNeeds,
  input: { readonly outgoingTransactionId: string },
): Promise<{ readonly hash: string }> {
  const stored = await readPrepared(needs.database, input.outgoingTransactionId);
  const outcome = await needs.chain.broadcast(stored.raw);
  if (outcome === "nonce_used" && (await needs.chain.readReceipt(stored.hash)) === undefined) {
    throw nonceTaken(needs.chain, stored);
  }
  await markBroadcast(needs.database, stored.id);
  return { hash: stored.hash };
}

/** Reads where a stored transaction stands and remembers its real cost once it is mined. Same failures as broadcasting. */
export async function checkTransaction(
  needs: ChainNeeds,
  input: { readonly outgoingTransactionId: string },
): Promise<TransactionState> {
  const { database, chain } = needs;
  const stored = await readPrepared(database, input.outgoingTransactionId);
  const receipt = await chain.readReceipt(stored.hash);
  if (receipt === undefined) return findMissing(needs, stored);
  const head = await chain.readHead();
  const depth = head.number - receipt.block.number + 1;
  const canonical = await chain.readBlockHash(receipt.block.number);
  if (depth < chain.network.sweepConfirmations || canonical !== receipt.block.hash) return { state: "pending" };
  const { succeeded, gasUsed, feeUnits } = receipt;
  await markMined(database, { id: stored.id, succeeded, blockNumber: receipt.block.number, gasUsed, feeUnits });
  return {
    state: "mined",
    succeeded,
    gasUsed: gasUsed.toString(),
    effectiveGasPrice: (gasUsed === 0n ? 0n : feeUnits / gasUsed).toString(),
    feeUnits: feeUnits.toString(),
  };
}

type Prepared = OutgoingTransaction & { readonly raw: string; readonly hash: string };

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
  if ((await chain.readReceipt(stored.hash)) !== undefined) return { state: "pending" };
  throw nonceTaken(chain, stored);
}

function nonceTaken(chain: Chain, stored: Prepared): NonceGap {
  const reason = "another transaction of this wallet, not sent by us, took this nonce";
  return new NonceGap({ chain: chain.network.id, wallet: stored.fromAddress, nonce: stored.nonce ?? 0, reason });
}
