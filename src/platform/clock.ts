/** Where the time comes from, so that tests can move it. */
export type Clock = {
  /** Milliseconds since 1970, as `Date.now()`. */
  now(): number;
};

/** The machine's clock. */
export const systemClock: Clock = { now: () => Date.now() };
