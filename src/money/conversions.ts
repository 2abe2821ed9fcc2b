import type { Nanodollars } from "./nanodollars.ts";
import { NANODOLLARS_PER_DOLLAR, nanodollars } from "./nanodollars.ts";

/** How a conversion treats what does not fit: towards zero, away from zero, or refuse by throwing. */
export type Rounding = "down" | "up" | "exact";

/** `value / divisor` on non-negative integers under a named rounding. Throws `RangeError` when "exact" would lose something. */
export function divide(value: bigint, divisor: bigint, rounding: Rounding): bigint {
  const quotient = value / divisor;
  const remainder = value % divisor;
  if (remainder === 0n) return quotient;
  if (rounding === "exact") throw new RangeError(`${value} is not a multiple of ${divisor}`);
  return rounding === "up" ? quotient + 1n : quotient;
}

/**
 * Base units of a dollar token (1 token = 1 USD) to nanodollars. USDC and USDT have 6 decimals, so every base unit is 1000
 * nanodollars and the conversion is exact; tokens with more than 9 decimals lose what is finer than a nanodollar.
 */
export function tokenUnitsToNanodollars(units: bigint, decimals: number, rounding: Rounding): Nanodollars {
  return nanodollars(divide(units * NANODOLLARS_PER_DOLLAR, 10n ** BigInt(decimals), rounding));
}
