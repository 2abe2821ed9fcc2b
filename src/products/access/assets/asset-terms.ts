import { formatDollars, type Nanodollars } from "../../../money/nanodollars.ts";
import type { AssetUnit } from "../asset.ts";
import { SessionLengthInvalid } from "../asset-errors.ts";

/** How long each unit lasts, in seconds; a `session` says so itself. */
const UNIT_SECONDS = { minute: 60, hour: 3_600, day: 86_400 } as const;

/** The longest a session of the unit `session` may be: a year of 365 days. */
export const LONGEST_SESSION_SECONDS = 31_536_000;

/** A length as somebody gave it, in either spelling, or not at all. */
export type GivenLength = {
  readonly sessionSeconds?: number | undefined;
  readonly sessionMinutes?: number | undefined;
};

/**
 * What one unit lasts, in seconds. `known` is the length an asset of the unit `session` has already. Throws {@link SessionLengthInvalid}
 * when a session has no length or two, when it is out of bounds, or when another unit is given one.
 */
export function unitSecondsOf(unit: AssetUnit, length: GivenLength, known?: number): number {
  const { sessionSeconds, sessionMinutes } = length;
  if (unit !== "session") {
    if (sessionSeconds === undefined && sessionMinutes === undefined) return UNIT_SECONDS[unit];
    throw new SessionLengthInvalid(
      `Only the unit "session" has a length; a ${unit} always lasts ${UNIT_SECONDS[unit]} s.`,
    );
  }
  if (sessionSeconds !== undefined && sessionMinutes !== undefined) {
    throw new SessionLengthInvalid("Give sessionSeconds or sessionMinutes, not both.");
  }
  const seconds = sessionSeconds ?? (sessionMinutes === undefined ? known : sessionMinutes * 60);
  if (seconds === undefined) {
    throw new SessionLengthInvalid('The unit "session" needs its length: send sessionSeconds or sessionMinutes.');
  }
  if (seconds < 1 || seconds > LONGEST_SESSION_SECONDS) {
    throw new SessionLengthInvalid(`A session lasts 1 to ${LONGEST_SESSION_SECONDS} seconds.`);
  }
  return seconds;
}

/** A price as this room shows it: exact, with two decimals at least, such as "0.10". */
export function showPrice(price: Nanodollars): string {
  const [whole = "0", fraction = ""] = formatDollars(price).split(".");
  return `${whole}.${fraction.padEnd(2, "0")}`;
}
