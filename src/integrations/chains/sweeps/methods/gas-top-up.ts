import { DepositAddressShort } from "../../errors.ts";
import { finishSigning } from "../../outgoing/nonce-lane.ts";
import { findOutgoingByKey } from "../../outgoing/outgoing-transaction-store.ts";
import { prepareTransaction } from "../../outgoing/outgoing-transactions.ts";
import { isSettledBy } from "../sweep-store.ts";
import { findFuelUnderWay, planFuel, prepareFuel } from "./fuel.ts";
import { settleElsewhere } from "./settled-elsewhere.ts";
import { attemptKey, type SweepJob, type SweepNeeds, type SweepSteps } from "./sweep-method.ts";

/**
 * For tokens without EIP-3009: the vendor wallet gives the deposit address what its gas may cost and it does not hold already, then the
 * deposit key sends the tokens. What is left over stays there and counts at the next sweep of that address.
 * Throws `GasTankEmpty`, `TopUpTooLarge`, `DepositAddressShort`, `TransactionWouldFail`, `KeyRingNotLoaded`, `NonceGap`, `RpcUnavailable`.
 */
export const gasTopUp: SweepSteps = {
  prepare: async (needs, job) => {
    const { sweep, deposit } = job;
    const key = attemptKey(sweep);
    const existing = await findOutgoingByKey(needs.database, key);
    if (existing !== undefined) {
      return { state: "prepared", purpose: "tokens", outgoing: await finishSigning(needs, existing) };
    }
    const elsewhere = await findSettlement(needs, job);
    if (elsewhere !== undefined) return settleElsewhere(needs, { sweep, transactionHash: elsewhere });
    const underWay = await findFuelUnderWay(needs, sweep.id);
    if (underWay !== undefined) return { state: "prepared", purpose: "fuel", outgoing: underWay };
    const { token, destination, amountUnits } = sweep;
    const priced = await needs.chain.quoteTokenTransfer({ token, from: deposit.address, to: destination, amountUnits });
    const signedBy = { keyRingId: deposit.keyRingId, index: deposit.index };
    const claim = job.refunds === undefined ? {} : { refunds: job.refunds };
    const quote = { ...priced, unsigned: { ...priced.unsigned, signedBy, ...claim } };
    const heldUnits = await needs.chain.readNativeBalance(deposit.address);
    const valueUnits = planFuel({ call: quote.unsigned, heldUnits });
    if (valueUnits !== undefined) {
      return { state: "prepared", purpose: "fuel", outgoing: await prepareFuel(needs, { ...job, valueUnits }) };
    }
    const wallet = deposit.address;
    const outgoing = await prepareTransaction(needs, { key, wallet, quote, sweepId: sweep.id });
    return { state: "prepared", purpose: "tokens", outgoing };
  },
};

/**
 * Whether the tokens have moved already, by a transaction a restored database forgot: the address lacks them, and the chain has a
 * transfer of exactly this sweep that no other sweep counts.
 */
async function findSettlement(needs: SweepNeeds, { sweep, deposit }: SweepJob): Promise<string | undefined> {
  const { chain, database } = needs;
  const found = await chain.readTokenBalance({ token: sweep.token, owner: deposit.address });
  if (found >= sweep.amountUnits) return undefined;
  const head = await chain.readHead();
  const transfers = await chain.readTransfers({
    fromBlock: sweep.sinceBlock,
    toBlock: head.number,
    tokens: [sweep.token],
    recipients: [sweep.destination],
  });
  for (const { from, amountUnits, transactionHash } of transfers) {
    if (from !== deposit.address || amountUnits !== sweep.amountUnits) continue;
    if (
      await isSettledBy(database, { chain: sweep.chain, depositAddressId: sweep.depositAddressId, transactionHash })
    ) {
      continue;
    }
    return transactionHash;
  }
  const expected = sweep.amountUnits;
  throw new DepositAddressShort({ address: deposit.address, chain: chain.network.name, expected, found });
}
