import type { Session } from "../session.ts";

/**
 * How long after its end a session waits for an extension payment that is under way: what was sent at the last second becomes time
 * instead of credit. Twice what a payment offer is valid (60 s blockhash on Solana, at most 120 s anywhere) would block the asset for
 * nothing, and a shorter wait would punish a slow facilitator; the device stays on meanwhile.
 */
export const GRACE_SECONDS = 120;

/** How often a session in grace is looked at unwoken; the payment's end wakes it at once. */
const GRACE_LOOK_SECONDS = 5;

/** Seconds before the end at which it is announced. Source: facts of the session protocol, `expiring`. */
const REMINDER_SECONDS = [300, 60, 10] as const;

/** What is known when a session is looked at. `reminded` are the reminders given of this very end; `endSetAt` is when it was set. */
export type SessionFacts = {
  readonly session: Pick<Session, "status" | "expiresAt">;
  readonly endSetAt: Date;
  readonly reminded: readonly number[];
  readonly hasPaymentUnderWay: boolean;
  readonly now: Date;
};

/** What to do with a session now. `lookAgainAt` is when to ask again unwoken; null when it is over. */
export type SessionDecision =
  | { readonly kind: "over"; readonly lookAgainAt: null }
  | { readonly kind: "end"; readonly lookAgainAt: null }
  | { readonly kind: "remind"; readonly secondsBefore: number; readonly lookAgainAt: Date }
  | { readonly kind: "grace"; readonly lookAgainAt: Date }
  | { readonly kind: "run"; readonly lookAgainAt: Date };

/** Decides what is next for a session: pure, so the workflow, a reader that meets it overdue and a test all decide alike. */
export function decideSession(facts: SessionFacts): SessionDecision {
  const { session, now } = facts;
  if (session.status !== "active") return { kind: "over", lookAgainAt: null };
  if (now >= session.expiresAt) return decideOverdue(facts);
  const lookAgainAt = nextMoment(session.expiresAt, now);
  const due = dueReminder(facts);
  return due === null ? { kind: "run", lookAgainAt } : { kind: "remind", secondsBefore: due, lookAgainAt };
}

/** Whether its time is over and nothing may still prolong it. */
export function isDue(facts: Pick<SessionFacts, "session" | "hasPaymentUnderWay" | "now">): boolean {
  const { session, now } = facts;
  return session.status === "active" && now >= session.expiresAt && (!facts.hasPaymentUnderWay || isGraceOver(facts));
}

/**
 * From when bought time counts: from the end there was, as long as access did not stop there; from now where it did and nobody took
 * the session down. Null when the session is over: then the money cannot become time.
 */
export function extensionStart(session: Pick<Session, "status" | "expiresAt">, now: Date): Date | null {
  if (session.status !== "active") return null;
  return isGraceOver({ session, now }) ? now : session.expiresAt;
}

/** Whole seconds left, never below zero: a session with 0.9 s left has none to show. */
export function secondsLeft(session: Pick<Session, "status" | "expiresAt">, now: Date): number {
  if (session.status !== "active") return 0;
  return Math.max(0, Math.floor((session.expiresAt.getTime() - now.getTime()) / 1000));
}

function decideOverdue(facts: SessionFacts): SessionDecision {
  const { session, now } = facts;
  if (isDue(facts)) return { kind: "end", lookAgainAt: null };
  const moments = [after(now, GRACE_LOOK_SECONDS), after(session.expiresAt, GRACE_SECONDS)];
  return { kind: "grace", lookAgainAt: new Date(Math.min(...moments.map((moment) => moment.getTime()))) };
}

function isGraceOver({ session, now }: Pick<SessionFacts, "now"> & { session: Pick<Session, "expiresAt"> }): boolean {
  return now >= after(session.expiresAt, GRACE_SECONDS);
}

/** The tightest reminder whose moment came after the end was set and was not given: one that was missed for long is not given late. */
function dueReminder({ session, endSetAt, reminded, now }: SessionFacts): number | null {
  const passed = REMINDER_SECONDS.filter((seconds) => after(session.expiresAt, -seconds) <= now);
  const tightest = passed.at(-1);
  if (tightest === undefined || reminded.includes(tightest)) return null;
  return after(session.expiresAt, -tightest) > endSetAt ? tightest : null;
}

function nextMoment(expiresAt: Date, now: Date): Date {
  const moments = REMINDER_SECONDS.map((seconds) => after(expiresAt, -seconds));
  return moments.find((moment) => moment > now) ?? expiresAt;
}

function after(moment: Date, seconds: number): Date {
  return new Date(moment.getTime() + seconds * 1000);
}
