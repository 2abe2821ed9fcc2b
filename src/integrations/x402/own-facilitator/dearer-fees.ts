import { parseEther } from "viem";

/** What a transaction offers for a unit of gas, in base units of the native coin. */
export type GasFees = { readonly maxFeePerGas: bigint; readonly maxPriorityFeePerGas: bigint };

/** What our facilitator may spend on one EVM settlement, in base units of the native coin, and how long one may stand still. */
export type EvmSpending = { readonly mostFeeUnits: bigint; readonly stuckAfterSeconds: number };

/** The same from a decimal amount of the native coin, such as `0.002`. */
export function readSpending({
  mostFee,
  stuckAfterSeconds,
}: {
  readonly mostFee: string;
  readonly stuckAfterSeconds: number;
}): EvmSpending {
  return { mostFeeUnits: parseEther(mostFee), stuckAfterSeconds };
}

/** A node takes a replacement from a tenth more on; an eighth is what all of them take. */
const RAISE_PERMILLE = 1_125n;
/** Beyond these an operator should look: the wallet's nonce is wrong or the chain stands still. */
const MOST_VERSIONS = 8;

/** What is known of the transaction that stands first in its lane and is in no block. */
export type StuckQuestion = {
  readonly offered: GasFees;
  readonly gas: bigint;
  readonly now: { readonly gasPrice: bigint; readonly tip: bigint };
  readonly versions: number;
  readonly ageSeconds: number;
  readonly spending: EvmSpending;
};

/** `capped`: it needs more than it may be given. */
export type StuckPlan =
  | { readonly kind: "wait" }
  | { readonly kind: "capped" }
  | { readonly kind: "replace"; readonly fees: GasFees };

/**
 * Whether a transaction may still be mined as it is, and if not, with which fees. It may while its cap is not below the price of now and
 * its newest version is young; each version waits longer than the one before. Pure.
 */
export function planDearer({ offered, gas, now, versions, ageSeconds, spending }: StuckQuestion): StuckPlan {
  const isTooCheap = offered.maxFeePerGas < now.gasPrice;
  const isOld = ageSeconds >= spending.stuckAfterSeconds * versions;
  if (!(isTooCheap || isOld)) return { kind: "wait" };
  const least = raise(offered.maxFeePerGas);
  const most = mostPerGas(spending, gas);
  if (versions >= MOST_VERSIONS || least > most) return { kind: "capped" };
  const maxFeePerGas = smaller(larger(now.gasPrice * 2n, least), most);
  const tip = larger(now.tip, raise(offered.maxPriorityFeePerGas));
  return { kind: "replace", fees: { maxFeePerGas, maxPriorityFeePerGas: smaller(tip, maxFeePerGas) } };
}

/** The fees within what may be spent; undefined where that does not reach the price of now. Pure. */
export function boundFees(
  fees: GasFees,
  { gas, gasPrice, spending }: { readonly gas: bigint; readonly gasPrice: bigint; readonly spending: EvmSpending },
): GasFees | undefined {
  const most = mostPerGas(spending, gas);
  if (gasPrice > most) return undefined;
  const maxFeePerGas = smaller(fees.maxFeePerGas, most);
  return { maxFeePerGas, maxPriorityFeePerGas: smaller(fees.maxPriorityFeePerGas, maxFeePerGas) };
}

function mostPerGas({ mostFeeUnits }: EvmSpending, gas: bigint): bigint {
  return mostFeeUnits / gas;
}

function raise(fee: bigint): bigint {
  return (fee * RAISE_PERMILLE) / 1_000n + 1n;
}

function larger(one: bigint, other: bigint): bigint {
  return one > other ? one : other;
}

function smaller(one: bigint, other: bigint): bigint {
  return one < other ? one : other;
}
