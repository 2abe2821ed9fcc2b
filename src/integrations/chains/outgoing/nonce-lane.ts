import type { Database } from "../../../platform/database/pool.ts";
import type { Chain, DepositKey, UnsignedTransaction } from "../chain.ts";
import { NonceGap } from "../errors.ts";
import type { Signer } from "../signer.ts";
import { findByNonce, insertFiller, type OutgoingTransaction, storeSigned } from "./outgoing-transaction-store.ts";

/** More missing nonces than this are no accident: the chain is another one, or the wallet is used elsewhere. */
const MOST_HEALED = 50;

type Needs = { readonly database: Database; readonly chain: Chain; readonly signer: Signer };

/** Whose lane, and for which sweep it is healed: what that costs is booked with it. */
type Lane = { readonly wallet: string; readonly signedBy: DepositKey | undefined; readonly sweepId: string | null };

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
 * Gives every nonce of the range (`to` excluded) that nobody took to a transaction that sends nothing to the wallet itself, so that later
 * ones can be mined. Throws `NonceGap` for a range that is too long to be an accident.
 */
export async function fillGap(
  needs: Needs,
  lane: Lane & { readonly from: number; readonly to: number },
): Promise<void> {
  const { database, chain } = needs;
  const { wallet, signedBy, sweepId, from, to } = lane;
  if (to - from > MOST_HEALED) {
    const reason = `the chain lacks ${to - from} earlier transactions of this wallet`;
    throw new NonceGap({ chain: chain.network.id, wallet, nonce: from, reason });
  }
  for (let nonce = from; nonce < to; nonce += 1) {
    const place = { chain: chain.network.id, wallet, nonce };
    if ((await findByNonce(database, place)) !== undefined) continue;
    const quote = await chain.quoteNativeTransfer({ from: wallet, to: wallet, valueUnits: 0n });
    const unsigned: UnsignedTransaction = { ...quote.unsigned, ...(signedBy === undefined ? {} : { signedBy }) };
    await insertFiller(database, { ...place, unsigned, sweepId });
  }
}

/**
 * Sends again, in nonce order, what stands before `nonce` in the wallet's lane and the node does not have: what it forgot, and what
 * was stored but never sent. Nonces that nobody took are filled. Harmless at any time.
 */
export async function healBelow(needs: Needs, lane: Lane & { readonly nonce: number }): Promise<void> {
  const { chain, database } = needs;
  const { wallet, nonce } = lane;
  const known = await chain.readNonce(wallet, { includePending: true });
  if (known >= nonce) return;
  await fillGap(needs, { ...lane, from: known, to: nonce });
  for (let place = known; place < nonce; place += 1) {
    const row = await findByNonce(database, { chain: chain.network.id, wallet, nonce: place });
    if (row === undefined) continue;
    const { raw } = await finishSigning(needs, row);
    if (raw !== null) await chain.broadcast(raw);
  }
}
