import { DepositAddressShort } from "../../errors.ts";
import {
  findOutgoingByKey,
  type OutgoingTransaction,
  storeWithoutNonce,
} from "../../outgoing/outgoing-transaction-store.ts";
import { isRecordedTransaction, markSettledElsewhere } from "../sweep-store.ts";
import { attemptKey, type SweepJob, type SweepNeeds, type SweepStep, type SweepSteps } from "./sweep-method.ts";

/**
 * Solana: one transaction, signed by the deposit key and by the vendor wallet, which pays the fee (and once the rent of the treasury's
 * token account). No SOL reaches the deposit address. A transaction lives about a minute; one that is proven to be too old is signed anew
 * as the next attempt. Throws `GasTankEmpty`, `DepositAddressShort`, `TransactionWouldFail`, `KeyRingNotLoaded`, `RpcUnavailable`.
 */
export const sponsoredTransfer: SweepSteps = {
  prepare: async (needs, job) => {
    const key = attemptKey(job.sweep);
    const existing = await findOutgoingByKey(needs.database, key);
    if (existing !== undefined) return prepared(existing);
    const elsewhere = await findSettlement(needs, job);
    if (elsewhere !== undefined) return { state: "settled", transactionHash: elsewhere };
    return prepared(await signAndStore(needs, { ...job, key }));
  },
};

function prepared(outgoing: OutgoingTransaction): SweepStep {
  return { state: "prepared", purpose: "tokens", outgoing };
}

async function signAndStore(needs: SweepNeeds, job: SweepJob & { readonly key: string }): Promise<OutgoingTransaction> {
  const { chain, database, signer } = needs;
  const { sweep, token, deposit, key } = job;
  if (chain.quoteSponsoredTransfer === undefined || signer.signSponsoredTransfer === undefined)
    throw new Error(`${chain.network.name} has no sponsored transfers, which ${token.symbol} is swept by.`);
  const unsigned = await chain.quoteSponsoredTransfer({
    mint: token.address,
    decimals: token.decimals,
    from: deposit.address,
    to: sweep.destination,
    amountUnits: sweep.amountUnits.toString(),
    feePayer: signer.vendorWallet,
    ...(job.refunds === undefined ? {} : { refunds: job.refunds }),
  });
  const signed = await signer.signSponsoredTransfer(deposit, unsigned);
  const wallet = signer.vendorWallet;
  return storeWithoutNonce(database, { key, chain: chain.network.id, wallet, unsigned, ...signed, sweepId: sweep.id });
}

/**
 * Whether this sweep's tokens moved before, by a transaction a restored database has forgotten: the same amount left the address for the same
 * wallet since its oldest deposit, and no sweep of ours accounts for it. An earlier attempt of this sweep is one of those, too.
 */
async function findSettlement(needs: SweepNeeds, { sweep, deposit }: SweepJob): Promise<string | undefined> {
  const { chain, database } = needs;
  const { amountUnits, token, sinceBlock, destination } = sweep;
  const sent = (await chain.accounts?.readSent({ owner: deposit.address, token, sinceBlock })) ?? [];
  for (const { transactionHash, amountUnits: moved, to } of sent) {
    if (moved !== amountUnits || to !== destination || (await isRecordedTransaction(database, transactionHash)))
      continue;
    await markSettledElsewhere(database, { id: sweep.id, hash: transactionHash });
    return transactionHash;
  }
  const found = await chain.readTokenBalance({ token, owner: deposit.address });
  if (found >= amountUnits) return undefined;
  throw new DepositAddressShort({ address: deposit.address, chain: chain.network.name, expected: amountUnits, found });
}
