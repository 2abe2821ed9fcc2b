/** The longest single wait; entities look at the truth at least this often even when nobody wakes them. */
const LONGEST_WAIT_MS = 86_400_000;
const SHORTEST_WAIT_MS = 250;

/** Milliseconds until an ISO deadline, bounded below so that a clock slightly behind the database never spins. */
export function untilDeadline(deadline: string | null): number {
  if (deadline === null) return LONGEST_WAIT_MS;
  return Math.min(Math.max(Date.parse(deadline) - Date.now(), SHORTEST_WAIT_MS), LONGEST_WAIT_MS);
}
