import type { Knex } from "knex";
import { ZERO } from "../../../money/nanodollars.ts";
import { SessionNotFound } from "../errors.ts";
import { findMerchant } from "../merchants/merchant-store.ts";
import { endDueSession } from "./end-due-session.ts";
import type { EndEarlyNeeds, EndedEarly } from "./end-early.ts";
import { endEarly } from "./end-early.ts";
import { findSession, findSessionByToken, readDatabaseTime } from "./session-store.ts";

/** What stopping a session needs. */
export type StopNeeds = EndEarlyNeeds & { readonly database: Knex };

/**
 * Its holder gives a session back before its time. Where the merchant allows it, whole unused seconds become the payer's balance there.
 * Of a session that has ended nothing changes and nothing is given back: asking twice answers the same state. Throws `session_not_found`.
 */
export async function stopSession(needs: StopNeeds, input: { readonly token: string }): Promise<EndedEarly> {
  const found = await findSessionByToken(needs.database, input.token);
  if (found === null) throw new SessionNotFound();
  await endDueSession(needs, { sessionId: found.id });
  return needs.database.transaction(async (transaction) => {
    const session = await findSession(transaction, found.id, { lock: true });
    if (session === null) throw new SessionNotFound();
    const merchant = await findMerchant(transaction, session.merchantId);
    const now = await readDatabaseTime(transaction);
    const givesBack = merchant?.refundsUnused === true;
    const ended = await endEarly(transaction, needs, { session, status: "stopped", givesBack, now });
    return ended ?? { session, returned: ZERO };
  });
}
