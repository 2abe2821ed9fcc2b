import type { Knex } from "knex";
import type { Nanodollars } from "../../../money/nanodollars.ts";
import { raiseWake } from "../../../platform/temporal/wake-store.ts";
import type { Session } from "../session.ts";
import { announceToMerchant } from "../telling/announce-to-merchant.ts";
import { describeSession, endSession } from "./end-session.ts";
import { noteSessionEvent } from "./session-events.ts";
import { findSession } from "./session-store.ts";
import { subtractTime } from "./taken-time-store.ts";

/** Time whose money is gone: `units` of `unitSeconds` that cost `gross`. `code` says why, to the holder and the merchant. */
export type TakenTime = {
  readonly sessionId: string;
  readonly units: number;
  readonly unitSeconds: number;
  readonly gross: Nanodollars;
  readonly code: string;
  readonly now: Date;
};

/**
 * Takes bought time back from a session, in the caller's transaction: off its end, so what other payments bought is left to it. Where
 * nothing of it lies ahead then, the session is revoked and its asset free. The session as it is then; null when it had ended.
 */
export async function takeTimeBack(transaction: Knex.Transaction, taken: TakenTime): Promise<Session | null> {
  const session = await findSession(transaction, taken.sessionId, { lock: true });
  if (session === null || session.status !== "active") return null;
  const { id } = session;
  const expiresAt = new Date(session.expiresAt.getTime() - taken.units * taken.unitSeconds * 1000);
  await raiseWake(transaction, `access-session/${id}`);
  if (session.units <= taken.units || expiresAt <= taken.now) {
    const data = { code: taken.code };
    return endSession(transaction, { sessionId: id, status: "revoked", now: taken.now, data });
  }
  await subtractTime(transaction, { id, units: taken.units, paid: taken.gross, expiresAt });
  const shortened = await findSession(transaction, id);
  if (shortened === null) throw new Error("a session is gone under its own lock");
  const data = { ...describeSession(shortened), takenUnits: taken.units, code: taken.code };
  const seq = await noteSessionEvent(transaction, { sessionId: id, type: "shortened", data });
  const { merchantId } = shortened;
  await announceToMerchant(transaction, {
    merchantId,
    type: "session.shortened",
    key: `session-shortened:${id}:${seq}`,
    data,
  });
  return shortened;
}
