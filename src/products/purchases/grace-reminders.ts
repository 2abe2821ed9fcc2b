/** How far into grace the customer is reminded: half-way, and when the last tenth begins. */
const REMINDERS_AT = [0.5, 0.9] as const;

/** A reminder that leaves less time than this to act on is none. */
const SHORTEST_NOTICE_MS = 5_000;

/** One span of grace. An operator may have moved its end. */
export type Grace = { readonly startedAt: Date; readonly endsAt: Date };

/** A reminder of one span of grace; the key makes it exactly once, whatever becomes of the end. */
export type GraceReminder = { readonly at: Date; readonly key: string };

/**
 * The reminders of a grace, earliest first: of a day two, of twenty seconds the first one, of two seconds none, since less than five
 * seconds' notice helps nobody. Pure.
 */
export function remindersOf({ startedAt, endsAt }: Grace): readonly GraceReminder[] {
  const length = endsAt.getTime() - startedAt.getTime();
  return REMINDERS_AT.map((part) => ({
    at: new Date(startedAt.getTime() + Math.floor(length * part)),
    key: `grace-reminder:${startedAt.toISOString()}:${part}`,
  })).filter(({ at }) => endsAt.getTime() - at.getTime() >= SHORTEST_NOTICE_MS);
}

/**
 * The reminder that is due: the latest whose time has come. After a long outage an earlier one that was missed is not sent as well, since
 * both would say the same. Null before the first. Pure.
 */
export function dueReminder(grace: Grace, now: Date): GraceReminder | null {
  return remindersOf(grace).findLast(({ at }) => at <= now) ?? null;
}

/** When to look at the grace again: its next reminder, or its end. Pure. */
export function nextLookAt(grace: Grace, now: Date): Date {
  return remindersOf(grace).find(({ at }) => at > now)?.at ?? grace.endsAt;
}
