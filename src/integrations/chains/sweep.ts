import { createHash } from "node:crypto";
import type { Database } from "../../platform/database/pool.ts";
import type { Chain, ChainToken, TransferAuthorization } from "./chain.ts";
import { readDepositAddress } from "./deposit-addresses.ts";
import { DepositAddressNotFound, DepositAddressShort, NothingToSweep, TokenNotSupported } from "./errors.ts";
import { findOutgoingByKey, type OutgoingTransaction } from "./outgoing-transaction-store.ts";
import { finishSigning, prepareTransaction } from "./outgoing-transactions.ts";
import type { Signer } from "./signer.ts";
import { claimSweep, findAddressOfDeposit, markSettledElsewhere, type Sweep } from "./sweep-store.ts";

/** What a sweep needs; only the worker has a signer. */
export type SweepNeeds = { readonly database: Database; readonly chain: Chain; readonly signer: Signer };

/** What to sweep: everything confirmed at an address, or at the address of one deposit. */
export type SweepTarget = { readonly depositAddressId: string } | { readonly depositId: string };

/**
 * A sweep whose transaction is stored and may be broadcast, or one whose tokens are at the offramp wallet already. `amountUnits`
 * is a decimal string in token base units. JSON-safe.
 */
export type PreparedSweep = {
  readonly sweepId: string;
  readonly chain: string;
  readonly token: string;
  readonly amountUnits: string;
} & (
  | { readonly state: "prepared"; readonly outgoingTransactionId: string; readonly hash: string }
  | { readonly state: "settled"; readonly transactionHash: string }
);

/**
 * Decides what to sweep and stores the signed transaction, sending nothing. A second call, also after a crash in the middle or in
 * parallel, answers the same sweep and the same bytes. Throws `NothingToSweep`, `GasTankEmpty`, `RpcUnavailable`,
 * `DepositAddressShort`, `TransactionWouldFail`, `KeyRingNotLoaded`, `NonceGap`.
 */
export async function prepareSweep(needs: SweepNeeds, target: SweepTarget): Promise<PreparedSweep> {
  const sweep = await takeSweep(needs, target);
  if (sweep.settledTransactionHash !== null) return settled(needs.chain, sweep, sweep.settledTransactionHash);
  const key = attemptKey(sweep);
  const existing = await findOutgoingByKey(needs.database, key);
  if (existing !== undefined) return prepared(needs.chain, sweep, await finishSigning(needs, existing));
  const deposit = await readDepositAddress(needs.database, sweep.depositAddressId);
  const authorization = authorize(needs, { sweep, from: deposit.address });
  const elsewhere = await findSettlement(needs, { sweep, authorization });
  if (elsewhere !== undefined) return settled(needs.chain, sweep, elsewhere);
  const signature = await needs.signer.signTransferAuthorization(deposit, authorization);
  const quote = await needs.chain.quoteAuthorizedTransfer({
    authorization,
    signature,
    sender: needs.signer.vendorWallet,
  });
  return prepared(needs.chain, sweep, await prepareTransaction(needs, { key, quote }));
}

/** The key of a sweep's current transaction: one per attempt, so a reverted attempt is never sent again. */
export function attemptKey(sweep: Pick<Sweep, "id" | "attempts">): string {
  return `sweep:${sweep.id}:${sweep.attempts}`;
}

/**
 * The token contract takes a nonce once, so however often a sweep is signed its tokens move once. It comes from the transfers that are
 * swept, never from chance or from a row of ours: a database restored to before the sweep meets the same nonce, used.
 */
function authorizationNonce(sweep: Pick<Sweep, "chain" | "transfers">): string {
  return `0x${createHash("sha256").update(`tollkeeper:sweep:${sweep.chain}:${sweep.transfers}`).digest("hex")}`;
}

async function takeSweep(needs: SweepNeeds, target: SweepTarget): Promise<Sweep> {
  const { database, chain, signer } = needs;
  const asked = "depositId" in target ? { depositId: target.depositId } : {};
  const depositAddressId = await addressOf(database, target);
  const claimed = await database.transaction((transaction) =>
    claimSweep(transaction, { ...asked, depositAddressId, chain: chain.network.id, destination: signer.treasury }),
  );
  if (claimed === undefined) throw new NothingToSweep(depositAddressId);
  return claimed;
}

async function addressOf(database: Database, target: SweepTarget): Promise<string> {
  if ("depositAddressId" in target) return target.depositAddressId;
  const found = await findAddressOfDeposit(database, target.depositId);
  if (found === undefined) throw new DepositAddressNotFound(target.depositId);
  return found;
}

function authorize(needs: SweepNeeds, input: { readonly sweep: Sweep; readonly from: string }): TransferAuthorization {
  const { sweep, from } = input;
  const { network } = needs.chain;
  const toSender = sweep.destination === needs.signer.vendorWallet;
  return {
    // Only the payee may send a receiveWithAuthorization, so nobody can front-run it; a cold treasury sends nothing.
    method: toSender ? "receiveWithAuthorization" : "transferWithAuthorization",
    chainId: network.chainId,
    token: findToken(needs.chain, sweep.token),
    from,
    to: sweep.destination,
    amountUnits: sweep.amountUnits,
    nonce: authorizationNonce(sweep),
  };
}

/** Whether the tokens have moved already: an earlier attempt, or somebody who front-ran it, with our authorization. */
async function findSettlement(
  needs: SweepNeeds,
  input: { readonly sweep: Sweep; readonly authorization: TransferAuthorization },
): Promise<string | undefined> {
  const { chain, database } = needs;
  const { sweep, authorization } = input;
  const found = await chain.readTokenBalance({ token: sweep.token, owner: authorization.from });
  const used = await chain.findUsedAuthorization({ authorization, sinceBlock: sweep.sinceBlock });
  if (used !== undefined) {
    await markSettledElsewhere(database, { id: sweep.id, hash: used.transactionHash });
    return used.transactionHash;
  }
  if (found < sweep.amountUnits) {
    throw new DepositAddressShort({
      address: authorization.from,
      chain: chain.network.name,
      expected: sweep.amountUnits,
      found,
    });
  }
  return undefined;
}

/** A token of the chain by its address. Throws `TokenNotSupported` when the configuration lost it. */
export function findToken(chain: Chain, address: string): ChainToken {
  const token = chain.network.tokens.find((candidate) => candidate.address === address);
  if (token === undefined) throw new TokenNotSupported(address, chain.network.name);
  return token;
}

function summary(chain: Chain, sweep: Sweep) {
  const { symbol } = findToken(chain, sweep.token);
  return { sweepId: sweep.id, chain: sweep.chain, token: symbol, amountUnits: sweep.amountUnits.toString() };
}

function settled(chain: Chain, sweep: Sweep, transactionHash: string): PreparedSweep {
  return { ...summary(chain, sweep), state: "settled", transactionHash };
}

function prepared(chain: Chain, sweep: Sweep, outgoing: OutgoingTransaction): PreparedSweep {
  if (outgoing.hash === null) throw new Error(`Transaction ${outgoing.id} was stored without its hash.`);
  return { ...summary(chain, sweep), state: "prepared", outgoingTransactionId: outgoing.id, hash: outgoing.hash };
}
