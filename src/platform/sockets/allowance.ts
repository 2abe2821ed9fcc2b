/** How many things may still be done. `take` is one of them; false when none is left. */
export type Allowance = { readonly take: (nowMs: number) => boolean };

/** A bucket that holds `limit` and fills again evenly over `windowMs`. */
export function openAllowance({ limit, windowMs }: { readonly limit: number; readonly windowMs: number }): Allowance {
  let left = limit;
  let filledAt: number | null = null;
  return {
    take: (nowMs) => {
      left = Math.min(limit, left + ((nowMs - (filledAt ?? nowMs)) * limit) / windowMs);
      filledAt = nowMs;
      if (left < 1) return false;
      left -= 1;
      return true;
    },
  };
}
