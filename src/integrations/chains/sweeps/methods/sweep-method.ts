import type { Database } from "../../../../platform/database/pool.ts";
import type { Chain, ChainToken, RefundClaim } from "../../chain.ts";
import type { OutgoingTransaction } from "../../outgoing/outgoing-transaction-store.ts";
import type { Signer } from "../../signer.ts";
import type { Sweep } from "../sweep-store.ts";

/** What a sweep needs; only the worker has a signer. */
export type SweepNeeds = { readonly database: Database; readonly chain: Chain; readonly signer: Signer };

/** One sweep to move on: what and how much, and whose key the tokens are under. */
export type SweepJob = {
  readonly sweep: Sweep;
  readonly token: ChainToken;
  readonly deposit: { readonly address: string; readonly keyRingId: string; readonly index: number };
  /** Set when the tokens go back to who sent them: the signer wants it, and checks it. */
  readonly refunds?: RefundClaim;
};

/**
 * What is to be done next: broadcast a stored transaction until it is mined, or nothing any more, as the tokens are at the
 * treasury, or to ask again after `seconds`. A `fuel` transaction only prepares the next one: when it is mined the method is asked again.
 */
export type SweepStep =
  | { readonly state: "prepared"; readonly purpose: "fuel" | "tokens"; readonly outgoing: OutgoingTransaction }
  | { readonly state: "settled"; readonly transactionHash: string }
  | { readonly state: "waiting"; readonly seconds: number; readonly reason: string };

/**
 * One way tokens leave a deposit address, chosen by the token's `sweepMethod`. A new way (a chain's own, such as a vendor that pays
 * the fee of a transaction the deposit key signs) is one file that exports such an object, one member of `SweepMethod` in
 * `chain.ts` and one line in `methods` of `sweep.ts`. What the file must keep to:
 *
 * 1. `prepare` sends nothing. It is called again after a crash at any line and in parallel, and must answer the same stored bytes:
 *    look for the key first (`findOutgoingByKey(database, attemptKey(sweep))`), and when it is there return it as it is.
 * 2. Sign, store, and only then return: with a nonce by `prepareTransaction` (a serial lane per wallet), on a chain without nonces by
 *    `storeWithoutNonce`, with `sweepId` set. The transaction that moves the tokens has the key `attemptKey(sweep)`; those before it
 *    have any other key. `recordSweep` books the cost of each by `sweepId`.
 * 3. Before signing the first time, make sure the tokens did not move already (a database restored to before the sweep), and answer
 *    `settled`, after `markSettledElsewhere`, when they did; throw `DepositAddressShort` when they are gone without us.
 * 4. Never sign an attempt again. Where a transaction expires (a blockhash that is too old), `Chain.isExpired` proves it, the row becomes
 *    `expired`, `recordSweep` opens the next attempt, and `prepare` is called with `sweep.attempts` one higher.
 * 5. The signer refuses by itself what does not go to the treasury; the method's word is not enough. `needs.signer` is the one of this
 *    chain's kind: its `vendorWallet` and `treasury` are spelled as the chain does, `treasury` is stored with the sweep when it is made.
 */
export type SweepSteps = {
  /** The next transaction, stored and not sent, or where the tokens went. */
  prepare(needs: SweepNeeds, job: SweepJob): Promise<SweepStep>;
};

/** The key of a sweep's current transaction: one per attempt, so a reverted attempt is never sent again. */
export function attemptKey(sweep: Pick<Sweep, "id" | "attempts">): string {
  return `sweep:${sweep.id}:${sweep.attempts}`;
}
