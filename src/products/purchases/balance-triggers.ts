import type { Nanodollars } from "../../money/nanodollars.ts";
import { nanodollars, parseDollars } from "../../money/nanodollars.ts";

/** The three levels at which a purchase reacts to its own balance. Always low > critical > termination >= 0. */
export type BalanceTriggers = {
  readonly low: Nanodollars;
  readonly critical: Nanodollars;
  readonly termination: Nanodollars;
};

const LOW_CAP = parseDollars("10");
const CRITICAL_CAP = parseDollars("2");
const TERMINATION_FLOOR = parseDollars("0.05");

/** The smallest balance triggers can be set for: below it the three levels would not be distinct. */
export const SMALLEST_TRIGGER_BALANCE = nanodollars(1_000n);

/**
 * Levels for a purchase funded with `balance`: low is a fifth up to 10 USD, critical a tenth up to 2 USD, termination a hundredth
 * but at least 0.05 USD, and never more than half of critical, so the order holds at every balance. Seed 000's code let them cross
 * (facts: at most 0.5 and at least 200 USD). Levels an offer states (in dollars) are taken instead, unless the balance is not above
 * the low one: it would be crossed from the start. Throws `RangeError` below {@link SMALLEST_TRIGGER_BALANCE}.
 */
export function triggersFor(
  balance: Nanodollars,
  stated?: Readonly<Record<keyof BalanceTriggers, string>>,
): BalanceTriggers {
  if (stated !== undefined && balance > parseDollars(stated.low)) {
    const { low, critical, termination } = stated;
    return { low: parseDollars(low), critical: parseDollars(critical), termination: parseDollars(termination) };
  }
  if (balance < SMALLEST_TRIGGER_BALANCE) throw new RangeError("the balance is too small to set triggers for");
  const low = smaller(LOW_CAP, balance / 5n);
  const critical = smaller(CRITICAL_CAP, balance / 10n);
  const termination = smaller(larger(TERMINATION_FLOOR, balance / 100n), critical / 2n);
  return { low: nanodollars(low), critical: nanodollars(critical), termination: nanodollars(termination) };
}

/** The threshold names the ledger knows for a purchase, most urgent last. */
export const TRIGGER_NAMES = ["low", "critical", "termination"] as const;

/** One of {@link TRIGGER_NAMES}. */
export type TriggerName = (typeof TRIGGER_NAMES)[number];

function smaller(left: bigint, right: bigint): bigint {
  return left < right ? left : right;
}

function larger(left: bigint, right: bigint): bigint {
  return left > right ? left : right;
}
