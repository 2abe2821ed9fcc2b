/** How long a request with a payment may take, whatever else may: longer than the patience below, and a proxy's usual minute is longer. */
export const PAID_TIMEOUT_MS = 30_000;

/** Nothing is sent for a payer who may have been answered before it is settled. */
const LATEST_START_MS = 15_000;
const ANSWERED_BY_MS = 25_000;

/**
 * For how many milliseconds a payer who waits since `startedAt` can wait for its payment to be settled, before it is told where to look.
 * Null where checking it took so long that nothing may be sent any more. Pure.
 */
export function settlePatience({
  startedAt,
  now,
}: {
  readonly startedAt: number;
  readonly now: number;
}): number | null {
  const waited = now - startedAt;
  return waited > LATEST_START_MS ? null : ANSWERED_BY_MS - Math.max(0, waited);
}
