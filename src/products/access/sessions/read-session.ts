import type { Knex } from "knex";
import { findAsset } from "../assets/asset-store.ts";
import { AssetNotFound, SessionNotFound } from "../errors.ts";
import type { Session } from "../session.ts";
import { endDueSession } from "./end-due-session.ts";
import { findActiveSession, findSession, findSessionByToken, readDatabaseTime } from "./session-store.ts";

/** A session and the moment of the database's clock at which it was so. */
export type SeenSession = { readonly session: Session; readonly now: Date };

/**
 * The session of a token as it is now. One that is past its end is ended by this very look, unless a payment keeps it: nobody reads time
 * that is over because a workflow is late. Throws `session_not_found`.
 */
export async function readSession(
  needs: { readonly database: Knex },
  input: { readonly token: string },
): Promise<SeenSession> {
  const session = await findSessionByToken(needs.database, input.token);
  if (session === null) throw new SessionNotFound();
  return lookAt(needs, session);
}

/** Whether an asset is in use now: its active session, or null; looked at as {@link readSession} does. Throws `asset_not_found`. */
export async function readAccess(
  needs: { readonly database: Knex },
  input: { readonly assetId: string },
): Promise<{ readonly session: Session | null; readonly now: Date }> {
  if ((await findAsset(needs.database, input.assetId)) === null) throw new AssetNotFound();
  const session = await findActiveSession(needs.database, input.assetId);
  if (session === null) return { session, now: await readDatabaseTime(needs.database) };
  const seen = await lookAt(needs, session);
  return { session: seen.session.status === "active" ? seen.session : null, now: seen.now };
}

/** A session that was read, after its end was brought about if it is due. */
export async function lookAt(needs: { readonly database: Knex }, session: Session): Promise<SeenSession> {
  const now = await readDatabaseTime(needs.database);
  if (session.status !== "active" || now < session.expiresAt) return { session, now };
  const ended = await endDueSession(needs, { sessionId: session.id });
  return { session: ended ?? (await findSession(needs.database, session.id)) ?? session, now };
}
