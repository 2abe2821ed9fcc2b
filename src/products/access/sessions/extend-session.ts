import type { Knex } from "knex";
import { type Nanodollars, ZERO } from "../../../money/nanodollars.ts";
import { raiseWake } from "../../../platform/temporal/wake-store.ts";
import type { Session } from "../session.ts";
import { announceToMerchant } from "../telling/announce-to-merchant.ts";
import { describeSession } from "./end-session.ts";
import { noteSessionEvent } from "./session-events.ts";
import { extensionStart } from "./session-lifecycle.ts";
import { addTime, findSession } from "./session-store.ts";

/** More time for a session: `units` of `unitSeconds`, for `gross`. */
export type SessionExtension = {
  readonly sessionId: string;
  readonly units: number;
  readonly unitSeconds: number;
  readonly gross: Nanodollars;
  readonly now: Date;
};

/**
 * Adds bought time to a session in the caller's transaction, without interruption: from the end there was, also when that passed while the
 * payment was under way. The row's lock decides between this and the session's end, so it is extended or it is `too_late`, never both;
 * then nothing was written, and the money becomes the payer's balance.
 */
export async function extendSession(
  transaction: Knex.Transaction,
  input: SessionExtension,
): Promise<Session | "too_late"> {
  const { sessionId, units, unitSeconds, gross, now } = input;
  return prolongSession(transaction, { sessionId, seconds: units * unitSeconds, units, gross, now });
}

/** As {@link extendSession}, free of charge: an operator's time is in no unit and was not bought. */
export async function giveTime(
  transaction: Knex.Transaction,
  input: { readonly sessionId: string; readonly seconds: number; readonly now: Date },
): Promise<Session | "too_late"> {
  return prolongSession(transaction, { ...input, units: 0, gross: ZERO });
}

async function prolongSession(
  transaction: Knex.Transaction,
  input: {
    readonly sessionId: string;
    readonly seconds: number;
    readonly units: number;
    readonly gross: Nanodollars;
    readonly now: Date;
  },
): Promise<Session | "too_late"> {
  const current = await findSession(transaction, input.sessionId, { lock: true });
  const start = current === null ? null : extensionStart(current, input.now);
  if (start === null) return "too_late";
  const extended = await addTime(transaction, {
    id: input.sessionId,
    units: input.units,
    paid: input.gross,
    expiresAt: new Date(start.getTime() + input.seconds * 1000),
  });
  if (extended === null) return "too_late";
  const data = { ...describeSession(extended), addedUnits: input.units, addedSeconds: input.seconds };
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
