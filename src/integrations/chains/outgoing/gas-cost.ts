import { divide } from "../../../money/conversions.ts";
import { type Nanodollars, nanodollars } from "../../../money/nanodollars.ts";
import type { Chain } from "../chain.ts";

const EVM_DECIMALS = 18;

/** Native base units at the chain's configured price, rounded up to a nanodollar: a cost is never written too small. */
export function gasCostOf(chain: Pick<Chain, "network">, feeUnits: bigint): Nanodollars {
  const { nativePrice, nativeDecimals = EVM_DECIMALS } = chain.network;
  return nanodollars(divide(feeUnits * nativePrice, 10n ** BigInt(nativeDecimals), "up"));
}
