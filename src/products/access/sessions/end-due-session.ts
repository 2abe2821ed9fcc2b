import type { Database } from "../../../platform/database/pool.ts";
import { raiseWake } from "../../../platform/temporal/wake-store.ts";
import { hasPaymentUnderWay } from "../payments/payment-store.ts";
import type { Session } from "../session.ts";
import { endSession } from "./end-session.ts";
import { isDue } from "./session-lifecycle.ts";
import { findActiveSession, findSession, readDatabaseTime } from "./session-store.ts";

/**
 * Ends a session if its time is over by the database's clock and no extension payment may still prolong it. The row decides, under its
 * lock, whoever calls: its workflow, or a reader that met it overdue. Null when it was not ended now.
 */
export async function endDueSession(
  needs: { readonly database: Database },
  input: { readonly sessionId: string },
): Promise<Session | null> {
  return needs.database.transaction(async (transaction) => {
    const session = await findSession(transaction, input.sessionId, { lock: true });
    if (session === null) return null;
    const isPaying = await hasPaymentUnderWay(transaction, { sessionId: session.id });
    const now = await readDatabaseTime(transaction);
    if (!isDue({ session, hasPaymentUnderWay: isPaying, now })) return null;
    const ended = await endSession(transaction, { sessionId: session.id, status: "expired", now });
    await raiseWake(transaction, `access-session/${session.id}`);
    return ended;
  });
}

/**
 * Ends the session of an asset if it is past its end: for whoever needs the asset free and does not wait for a workflow. Costs one read
 * while the session runs. Works in a transaction too. Null when nothing was ended.
 */
export async function endOverdueSession(
  needs: { readonly database: Database },
  input: { readonly assetId: string },
): Promise<Session | null> {
  const session = await findActiveSession(needs.database, input.assetId);
  if (session === null) return null;
  const now = await readDatabaseTime(needs.database);
  return now < session.expiresAt ? null : endDueSession(needs, { sessionId: session.id });
}
