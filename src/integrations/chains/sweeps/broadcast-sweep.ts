import { readDepositAddress } from "../addresses/deposit-addresses.ts";
import { GasTankEmpty } from "../errors.ts";
import { findOutgoing, type OutgoingTransaction } from "../outgoing/outgoing-transaction-store.ts";
import { broadcastTransaction, checkTransaction } from "../outgoing/outgoing-transactions.ts";
import { readReplacement } from "../outgoing/stuck-fees.ts";
import { findFuelUnderWay, planFuel, prepareFuel } from "./methods/fuel.ts";
import type { SweepNeeds } from "./methods/sweep-method.ts";
import { findSweep } from "./sweep-store.ts";

/**
 * Sends a transaction of a sweep, as {@link broadcastTransaction} does, and keeps a deposit address that pays its own gas able to: when
 * gas rose after it was filled, or another sweep of the address used it up, it is given what lacks. `GasTankEmpty` is always the
 * vendor wallet's.
 */
export async function broadcastSweep(
  needs: SweepNeeds,
  input: { readonly outgoingTransactionId: string },
): Promise<void> {
  const stored = await findOutgoing(needs.database, input.outgoingTransactionId);
  if (stored?.unsigned.signedBy !== undefined && !(await isFuelled(needs, stored))) return;
  try {
    await broadcastTransaction(needs, input);
  } catch (error) {
    // An earlier transaction of the same address is still to be paid: the next look sees what is left of its gas.
    if (!(error instanceof GasTankEmpty) || stored?.unsigned.signedBy === undefined) throw error;
  }
}

/** Whether the address can pay for the call, also with higher fees if those are due; when not, its fuel is on its way. */
async function isFuelled(needs: SweepNeeds, stored: OutgoingTransaction): Promise<boolean> {
  const { hash, sweepId } = stored;
  if (sweepId === null || hash === null || (await needs.chain.readReceipt(hash)) !== undefined) return true;
  const call = (await readReplacement(needs, { transaction: stored })) ?? stored.unsigned;
  const heldUnits = await needs.chain.readNativeBalance(stored.fromAddress);
  const valueUnits = planFuel({ call, heldUnits });
  if (valueUnits === undefined) return true;
  const fuel = (await findFuelUnderWay(needs, sweepId)) ?? (await prepareMore(needs, { sweepId, valueUnits }));
  await broadcastTransaction(needs, { outgoingTransactionId: fuel.id });
  await checkTransaction(needs, { outgoingTransactionId: fuel.id });
  return false;
}

async function prepareMore(
  needs: SweepNeeds,
  input: { readonly sweepId: string; readonly valueUnits: bigint },
): Promise<OutgoingTransaction> {
  const sweep = await findSweep(needs.database, input.sweepId);
  if (sweep === undefined) throw new Error(`Sweep ${input.sweepId} lost its row.`);
  const deposit = await readDepositAddress(needs.database, sweep.depositAddressId);
  return prepareFuel(needs, { sweep, deposit, valueUnits: input.valueUnits });
}
