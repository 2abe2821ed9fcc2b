import { SessionNotFound } from "../../errors.ts";
import { findSessionByToken } from "../../sessions/session-store.ts";
import type { PaymentNeeds } from "../payment-needs.ts";
import type { AccessOutcome } from "./access-outcome.ts";
import type { AccessRequest } from "./access-request.ts";
import { requestPaid } from "./request-access.ts";

/**
 * More time for a running session, by the same machine: its quote is bound to the session. Throws 404 `session_not_found`, 410
 * `session_over`, and what a request for access throws.
 */
export async function requestExtension(
  needs: PaymentNeeds,
  request: AccessRequest & { readonly token: string },
): Promise<AccessOutcome> {
  const { token, ...rest } = request;
  const session = await findSessionByToken(needs.database, token);
  if (session === null) throw new SessionNotFound();
  return requestPaid(needs, { ...rest, target: { assetId: session.assetId, session } });
}
