import type { UnsignedTransaction } from "../../chain.ts";
import { TopUpTooLarge } from "../../errors.ts";
import { finishSigning } from "../../outgoing/nonce-lane.ts";
import { listOutgoingOfSweep, type OutgoingTransaction } from "../../outgoing/outgoing-transaction-store.ts";
import { prepareTransaction } from "../../outgoing/outgoing-transactions.ts";
import type { SweepJob, SweepNeeds } from "./sweep-method.ts";

/** Room above what the transfer may cost, in percent: rollups add a data fee that no estimate names. */
const ROOM_PERCENT = 120n;

/** Starts the key of a transaction that brings native coin to a deposit address. */
const FUEL_KEY = "fuel:";

/** Native base units to send so that `address` can pay for a call, beyond what it holds; undefined when it can. Pure. */
export function planFuel(input: {
  readonly call: UnsignedTransaction;
  readonly heldUnits: bigint;
}): bigint | undefined {
  const cost = BigInt(input.call.gasLimit) * BigInt(input.call.maxFeePerGas);
  if (input.heldUnits >= cost) return undefined;
  return (cost * ROOM_PERCENT) / 100n - input.heldUnits;
}

/** The fuel transaction of a sweep that is not in the chain for good yet: signed, so that it can be sent. */
export async function findFuelUnderWay(needs: SweepNeeds, sweepId: string): Promise<OutgoingTransaction | undefined> {
  const sent = await listOutgoingOfSweep(needs.database, sweepId);
  const open = sent.find(({ key, status }) => key.startsWith(FUEL_KEY) && status !== "mined" && status !== "failed");
  return open === undefined ? undefined : finishSigning(needs, open);
}

/**
 * Prepares sending native coin to the deposit address of a sweep. The key counts what was sent before, so two callers make one.
 * Throws `TopUpTooLarge` while gas costs more than one address may be given, `GasTankEmpty`, `NonceGap`, `RpcUnavailable`.
 */
export async function prepareFuel(
  needs: SweepNeeds,
  job: Pick<SweepJob, "sweep" | "deposit"> & { readonly valueUnits: bigint },
): Promise<OutgoingTransaction> {
  const { sweep, deposit, valueUnits } = job;
  const { network } = needs.chain;
  const limit = network.topUpLimitUnits ?? 0n;
  if (valueUnits > limit) throw new TopUpTooLarge({ chain: network.name, needed: valueUnits, limit });
  const wallet = needs.signer.vendorWallet;
  const before = (await listOutgoingOfSweep(needs.database, sweep.id)).filter(({ key }) => key.startsWith(FUEL_KEY));
  const priced = await needs.chain.quoteNativeTransfer({ from: wallet, to: deposit.address, valueUnits });
  const fuels = { keyRingId: deposit.keyRingId, index: deposit.index };
  const quote = { ...priced, unsigned: { ...priced.unsigned, fuels } };
  const key = `${FUEL_KEY}${sweep.id}:${before.length + 1}`;
  return prepareTransaction(needs, { key, wallet, quote, sweepId: sweep.id });
}
