import type { Knex } from "knex";
import type { Ledger } from "../../../ledger/ledger.ts";
import { formatDollars, type Nanodollars, nanodollars, ZERO } from "../../../money/nanodollars.ts";
import { raiseWake } from "../../../platform/temporal/wake-store.ts";
import { returnUnused } from "../fees/return-unused.ts";
import type { Session } from "../session.ts";
import { endSession } from "./end-session.ts";
import { secondsLeft } from "./session-lifecycle.ts";

/** What ending a session early needs. */
export type EndEarlyNeeds = { readonly ledger: Pick<Ledger, "postIn"> };

/** A session that ended early, and what of its price became the payer's balance. */
export type EndedEarly = { readonly session: Session; readonly returned: Nanodollars };

/**
 * Ends an active session before its time, in the transaction that holds its row: its unused time becomes the payers' balance where it is
 * given back, its holder and its merchant hear of it, its workflow is woken. Null when it had ended.
 */
export async function endEarly(
  transaction: Knex.Transaction,
  needs: EndEarlyNeeds,
  input: {
    readonly session: Session;
    readonly status: "stopped" | "revoked";
    readonly givesBack: boolean;
    readonly now: Date;
  },
): Promise<EndedEarly | null> {
  const { session, status, now } = input;
  if (session.status !== "active") return null;
  const amount = input.givesBack ? unusedValue(session, now) : ZERO;
  const returned = amount > 0n ? await returnUnused(transaction, needs, { sessionId: session.id, amount, now }) : ZERO;
  const data = { returned: formatDollars(returned) };
  const ended = await endSession(transaction, { sessionId: session.id, status, now, data });
  if (ended === null) throw new Error("a session ended under its own lock");
  await raiseWake(transaction, `access-session/${session.id}`);
  return { session: ended, returned };
}

/** What the whole seconds that are left cost, pro rata of what was paid for all of the session; rounded down to a nanodollar. */
export function unusedValue(
  session: Pick<Session, "status" | "paid" | "startedAt" | "expiresAt">,
  now: Date,
): Nanodollars {
  const length = BigInt(Math.ceil((session.expiresAt.getTime() - session.startedAt.getTime()) / 1000));
  return nanodollars((session.paid * BigInt(secondsLeft(session, now))) / length);
}
