import type { Knex } from "knex";
import { formatDollars } from "../../../money/nanodollars.ts";
import type { Session, SessionStatus } from "../session.ts";
import { announceToMerchant } from "../telling/announce-to-merchant.ts";
import type { MerchantEventData } from "../telling/merchant-event.ts";
import { noteSessionEvent } from "./session-events.ts";
import { closeSession } from "./session-store.ts";

/** What is told of an ended session beside what it was. */
export type SessionEnd = {
  readonly sessionId: string;
  readonly status: Exclude<SessionStatus, "active">;
  readonly now: Date;
  readonly data?: MerchantEventData;
};

/**
 * Ends a session, whatever its time: the row, the event its holder hears, the merchant's notice in one transaction. The asset is
 * free by that, since occupied is that a session is active. Exactly once: null when another ended it first. Whoever is not its workflow
 * raises the wake.
 */
export async function endSession(transaction: Knex.Transaction, end: SessionEnd): Promise<Session | null> {
  const ended = await closeSession(transaction, { id: end.sessionId, status: end.status, endedAt: end.now });
  if (ended === null) return null;
  const data = { ...describeSession(ended), ...end.data };
  await noteSessionEvent(transaction, { sessionId: ended.id, type: end.status, data });
  const { id, merchantId } = ended;
  await announceToMerchant(transaction, {
    merchantId,
    type: `session.${end.status}`,
    key: `session-ended:${id}`,
    data,
  });
  return ended;
}

/** What everybody may know who may know of a session: its holder, and its merchant. */
export function describeSession(session: Session): MerchantEventData {
  return {
    sessionId: session.id,
    assetId: session.assetId,
    status: session.status,
    units: session.units,
    unit: session.unit,
    paid: formatDollars(session.paid),
    startedAt: session.startedAt.toISOString(),
    expiresAt: session.expiresAt.toISOString(),
    endedAt: session.endedAt?.toISOString() ?? null,
  };
}
