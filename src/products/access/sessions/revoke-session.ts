import type { Knex } from "knex";
import { SessionNotFound } from "../errors.ts";
import { SessionEnded } from "../session-errors.ts";
import type { EndEarlyNeeds, EndedEarly } from "./end-early.ts";
import { endEarly } from "./end-early.ts";
import { findSession, readDatabaseTime } from "./session-store.ts";

/**
 * Takes a session away from its holder, in the caller's transaction: by its merchant, or by an operator. What was paid for the time that
 * is taken away goes back to the payers as balance unless `givesBack` is false. `merchantId` says whose sessions the caller may take;
 * another's is not found. Throws `session_not_found`, `session_ended`.
 */
export async function revokeSession(
  transaction: Knex.Transaction,
  needs: EndEarlyNeeds,
  input: { readonly sessionId: string; readonly merchantId: string | null; readonly givesBack: boolean },
): Promise<EndedEarly> {
  const session = await findSession(transaction, input.sessionId, { lock: true });
  if (session === null) throw new SessionNotFound();
  if (input.merchantId !== null && session.merchantId !== input.merchantId) throw new SessionNotFound();
  const now = await readDatabaseTime(transaction);
  const ended = await endEarly(transaction, needs, { session, status: "revoked", givesBack: input.givesBack, now });
  if (ended === null) throw new SessionEnded(session);
  return ended;
}
