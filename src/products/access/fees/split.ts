import { divide } from "../../../money/conversions.ts";
import { type Nanodollars, nanodollars } from "../../../money/nanodollars.ts";

const BASIS_POINTS = 10_000n;

/**
 * The platform's part of an amount in base units, and the merchant's: the fee is rounded down, and both together are the amount exactly.
 * Throws `RangeError` for a negative amount, or basis points that are not 0 to 10000.
 */
export function splitFee(
  amountUnits: bigint,
  basisPoints: number,
): { readonly feeUnits: bigint; readonly netUnits: bigint } {
  if (amountUnits < 0n || !Number.isInteger(basisPoints) || basisPoints < 0 || basisPoints > 10_000) {
    throw new RangeError("a fee is 0 to 10000 basis points of an amount that is not negative");
  }
  const feeUnits = divide(amountUnits * BigInt(basisPoints), BASIS_POINTS, "down");
  return { feeUnits, netUnits: amountUnits - feeUnits };
}

/**
 * The fee of a payment, or of `part` of it, in nanodollars: the part's share of the fee units, rounded down. Exact for a whole payment in
 * a token of at most nine decimals; what is finer than a nanodollar stays with the merchant.
 */
export function feeInNanodollars(
  payment: { readonly amountUnits: bigint; readonly feeUnits: bigint; readonly gross: Nanodollars },
  part: Nanodollars = payment.gross,
): Nanodollars {
  return nanodollars(divide(part * payment.feeUnits, payment.amountUnits, "down"));
}
