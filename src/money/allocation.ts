import { type Nanodollars, nanodollars } from "./nanodollars.ts";

/**
 * Splits an amount over weights so that the parts sum to exactly the whole: each gets its share rounded down, and what is left goes
 * nanodollar by nanodollar to the largest remainders, the earlier first. Throws `RangeError` without a positive weight or with a
 * negative figure.
 */
export function allocate(whole: Nanodollars, weights: readonly bigint[]): readonly Nanodollars[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0n);
  if (whole < 0n || total <= 0n || weights.some((weight) => weight < 0n)) {
    throw new RangeError("an amount is split over weights of which none is negative and one is positive");
  }
  const shares = weights.map((weight, place) => ({
    place,
    part: (whole * weight) / total,
    remainder: (whole * weight) % total,
  }));
  const left = Number(whole - shares.reduce((sum, { part }) => sum + part, 0n));
  const byRemainder = [...shares].sort(
    (one, other) => Number(other.remainder > one.remainder) - Number(other.remainder < one.remainder),
  );
  const lucky = new Set(byRemainder.slice(0, left).map(({ place }) => place));
  return shares.map(({ place, part }) => nanodollars(lucky.has(place) ? part + 1n : part));
}
