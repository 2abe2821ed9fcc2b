/** The longest single wait; entities look at the truth at least this often even when nobody wakes them. */
const LONGEST_WAIT_MS = 86_400_000;
const SHORTEST_WAIT_MS = 250;

/** Milliseconds until an ISO deadline, bounded below so that a clock slightly behind the database never spins, and by a day above. */
export function untilDeadline(deadline: string | null): number {
  const due = readDeadline(deadline);
  if (due === null) return LONGEST_WAIT_MS;
  return Math.min(Math.max(due.getTime() - Date.now(), SHORTEST_WAIT_MS), LONGEST_WAIT_MS);
}

/** An ISO deadline as a date; null for none, and for one that cannot be read: an invalid date would wedge the workflow for good. */
export function readDeadline(deadline: string | null): Date | null {
  if (deadline === null) return null;
  const due = new Date(deadline);
  return Number.isNaN(due.getTime()) ? null : due;
}
