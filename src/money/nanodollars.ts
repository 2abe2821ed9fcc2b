import { DomainError } from "../errors.ts";

declare const unit: unique symbol;

/** Whole billionths of a US dollar, signed: 1 USD = 1_000_000_000n. The only money type inside the process. */
export type Nanodollars = bigint & { readonly [unit]: "nanodollars" };

/** 1 USD. Seed 003's example multiplies by 1e8; its own type says 1e9, and so do we (docs/decisions). */
export const NANODOLLARS_PER_DOLLAR = 1_000_000_000n;

/** The largest magnitude one amount may have: $1,000,000,000. Far below the int8 edge, so sums of 9 such amounts still fit. */
export const MAXIMUM_AMOUNT = 1_000_000_000n * NANODOLLARS_PER_DOLLAR;

const DECIMAL_DOLLARS = /^(-?)([0-9]{1,10})(?:\.([0-9]{1,9}))?$/;

/** The amount a caller sent is not money we accept: not plain ASCII decimal, finer than a nanodollar, or out of bounds. */
export class InvalidAmount extends DomainError {
  constructor(detail: string) {
    super({ code: "invalid_amount", status: 400, title: "Invalid amount", detail });
  }
}

/** Brands whole nanodollars. The caller states that the bigint already is in this unit. */
export function nanodollars(value: bigint): Nanodollars {
  return value as Nanodollars;
}

/**
 * Reads US dollars as written on our wires: an optional minus, up to 10 integer digits, up to 9 decimals, ASCII only.
 * Exponents, signs of plus, spaces, separators and other scripts' digits are refused. Throws {@link InvalidAmount}.
 */
export function parseDollars(text: string): Nanodollars {
  const match = DECIMAL_DOLLARS.exec(text);
  if (match === null) {
    throw new InvalidAmount('An amount is a decimal string in US dollars with at most 9 decimals, such as "12.5".');
  }
  const [, sign, whole = "0", fraction = ""] = match;
  const magnitude = BigInt(whole) * NANODOLLARS_PER_DOLLAR + BigInt(fraction.padEnd(9, "0"));
  if (magnitude > MAXIMUM_AMOUNT) throw new InvalidAmount("An amount may not exceed 1000000000 US dollars.");
  return nanodollars(sign === "-" ? -magnitude : magnitude);
}

/** Writes US dollars for our wires: exact, no exponent, no trailing zeros. `1500000000n` is `"1.5"`. */
export function formatDollars(amount: Nanodollars): string {
  const magnitude = amount < 0n ? -amount : amount;
  const whole = magnitude / NANODOLLARS_PER_DOLLAR;
  const fraction = (magnitude % NANODOLLARS_PER_DOLLAR).toString().padStart(9, "0").replace(/0+$/, "");
  const sign = amount < 0n ? "-" : "";
  return fraction === "" ? `${sign}${whole}` : `${sign}${whole}.${fraction}`;
}

/** Sum. */
export function add(...amounts: readonly Nanodollars[]): Nanodollars {
  return nanodollars(amounts.reduce<bigint>((sum, amount) => sum + amount, 0n));
}

/** `minuend - subtrahend`. */
export function subtract(minuend: Nanodollars, subtrahend: Nanodollars): Nanodollars {
  return nanodollars(minuend - subtrahend);
}

/** Zero dollars. */
export const ZERO = nanodollars(0n);
