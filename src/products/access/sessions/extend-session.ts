import type { Knex } from "knex";
import type { Nanodollars } from "../../../money/nanodollars.ts";
import { raiseWake } from "../../../platform/temporal/wake-store.ts";
import type { Session } from "../session.ts";
import { announceToMerchant } from "../telling/announce-to-merchant.ts";
import { describeSession } from "./end-session.ts";
import { noteSessionEvent } from "./session-events.ts";
import { extensionStart } from "./session-lifecycle.ts";
import { addTime, findSession } from "./session-store.ts";

/** More time for a session: `units` of `unitSeconds`, for `gross`, which is zero where time is given. */
export type SessionExtension = {
  readonly sessionId: string;
  readonly units: number;
  readonly unitSeconds: number;
  readonly gross: Nanodollars;
  readonly now: Date;
};

/**
 * Adds time to a session in the caller's transaction, without interruption: from the end there was, also when that passed while the
 * payment was under way. The row's lock decides between this and the session's end, so it is extended or it is `too_late`, never both;
 * then nothing was written, and the money becomes the payer's balance.
 */
export async function extendSession(
  transaction: Knex.Transaction,
  // It needs nothing but the transaction; the place is kept so that every function here reads alike.
  _needs: object,
  input: SessionExtension,
): Promise<Session | "too_late"> {
  const current = await findSession(transaction, input.sessionId, { lock: true });
  const start = current === null ? null : extensionStart(current, input.now);
  if (start === null) return "too_late";
  const extended = await addTime(transaction, {
    id: input.sessionId,
    units: input.units,
    paid: input.gross,
    expiresAt: new Date(start.getTime() + input.units * input.unitSeconds * 1000),
  });
  if (extended === null) return "too_late";
  const data = { ...describeSession(extended), addedUnits: input.units };
  const seq = await noteSessionEvent(transaction, { sessionId: extended.id, type: "extended", data });
  await announceToMerchant(transaction, {
    merchantId: extended.merchantId,
    type: "session.extended",
    key: `session-extended:${extended.id}:${seq}`,
    data,
  });
  await raiseWake(transaction, `access-session/${extended.id}`);
  return extended;
}
