import type { Knex } from "knex";
import { hasPaymentUnderWay } from "../payments/payment-store.ts";
import type { Session } from "../session.ts";
import { endSession } from "./end-session.ts";
import { listEndEvents, type StoredSessionEvent } from "./session-event-store.ts";
import { noteSessionEvent } from "./session-events.ts";
import type { SessionDecision } from "./session-lifecycle.ts";
import { decideSession, secondsLeft } from "./session-lifecycle.ts";
import { findSession, readDatabaseTime } from "./session-store.ts";

/** What a session's workflow is told: what to show, and when to look again unwoken. Times are ISO 8601 in UTC. */
export type SessionReview = {
  readonly status: string;
  readonly next: "wait" | "done";
  readonly deadline: string | null;
  readonly lookAgainAt: string | null;
  readonly details: string;
};

/**
 * Looks at a session for its workflow and does what is due, in one transaction on the locked row: gives a reminder, or ends it. Running it
 * twice, or after a kill at any line, does nothing more. A session that is not there is done at once.
 */
export async function reviewSession(
  needs: { readonly database: Knex },
  input: { readonly sessionId: string },
): Promise<SessionReview> {
  return needs.database.transaction(async (transaction) => {
    const session = await findSession(transaction, input.sessionId, { lock: true });
    if (session === null) return nothingThere();
    const { endSetAt, reminded } = readEndEvents(session, await listEndEvents(transaction, session.id));
    const isPaying = await hasPaymentUnderWay(transaction, { sessionId: session.id });
    const now = await readDatabaseTime(transaction);
    const decision = decideSession({ session, endSetAt, reminded, hasPaymentUnderWay: isPaying, now });
    const after = await carryOut(transaction, { session, decision, now });
    return toReview(after, decision);
  });
}

async function carryOut(
  transaction: Knex.Transaction,
  { session, decision, now }: { readonly session: Session; readonly decision: SessionDecision; readonly now: Date },
): Promise<Session> {
  if (decision.kind === "remind") {
    const data = {
      secondsBefore: decision.secondsBefore,
      secondsLeft: secondsLeft(session, now),
      expiresAt: session.expiresAt.toISOString(),
    };
    await noteSessionEvent(transaction, { sessionId: session.id, type: "expiring", data });
  }
  if (decision.kind !== "end") return session;
  return (await endSession(transaction, { sessionId: session.id, status: "expired", now })) ?? session;
}

/** When the present end was set, and which reminders were given of it. */
function readEndEvents(session: Session, events: readonly StoredSessionEvent[]) {
  const set = events.findLastIndex(({ type }) => type !== "expiring");
  return {
    endSetAt: events[set]?.occurredAt ?? session.startedAt,
    reminded: events.slice(set + 1).flatMap(({ data: { secondsBefore } }) => {
      return typeof secondsBefore === "number" ? [secondsBefore] : [];
    }),
  };
}

function toReview(session: Session, { kind, lookAgainAt }: SessionDecision): SessionReview {
  const isOver = session.status !== "active";
  const expiresAt = session.expiresAt.toISOString();
  return {
    status: kind === "grace" ? "grace" : session.status,
    next: isOver ? "done" : "wait",
    deadline: isOver ? null : expiresAt,
    lookAgainAt: lookAgainAt?.toISOString() ?? null,
    details: `Session \`${session.id}\` on asset \`${session.assetId}\`\n\n${describe(session, kind)}`,
  };
}

function describe(session: Session, kind: SessionDecision["kind"]): string {
  const expiresAt = session.expiresAt.toISOString();
  if (session.status !== "active") return `It is ${session.status} since ${session.endedAt?.toISOString() ?? "?"}.`;
  if (kind === "grace")
    return `Its time was over at ${expiresAt}; an extension that is being paid keeps it for a while.`;
  return `It runs until **${expiresAt}**.`;
}

function nothingThere(): SessionReview {
  const details = "There is no such session.";
  return { status: "unknown", next: "done", deadline: null, lookAgainAt: null, details };
}
