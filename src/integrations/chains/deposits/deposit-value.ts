import { divide, tokenUnitsToNanodollars } from "../../../money/conversions.ts";
import { type Nanodollars, nanodollars } from "../../../money/nanodollars.ts";
import type { ChainNetwork } from "../chain.ts";
import type { Deposit } from "./deposit-store.ts";

/** Base units of a native coin as a power of ten, where the network says nothing else. */
const NATIVE_DECIMALS = 18;

/** What a deposit is worth in the books: the token's or the native coin's symbol, and dollars rounded down. */
export type DepositValue = { readonly symbol: string; readonly amount: Nanodollars };

/**
 * Values a deposit: a token of the network at a dollar a token, the native coin at the network's configured price. Undefined for a token nobody
 * knows a price of: it has no dollars and no entry.
 */
export function worthOf(
  network: ChainNetwork,
  deposit: Pick<Deposit, "kind" | "token" | "amountUnits">,
): DepositValue | undefined {
  if (deposit.kind === "native_coin") {
    const unit = 10n ** BigInt(network.nativeDecimals ?? NATIVE_DECIMALS);
    const amount = nanodollars(divide(deposit.amountUnits * network.nativePrice, unit, "down"));
    return { symbol: network.nativeSymbol, amount };
  }
  const token = network.tokens.find(({ address }) => address === deposit.token);
  if (token === undefined) return undefined;
  return { symbol: token.symbol, amount: tokenUnitsToNanodollars(deposit.amountUnits, token.decimals, "down") };
}
