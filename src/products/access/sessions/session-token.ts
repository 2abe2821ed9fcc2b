import { randomSecret } from "../../../platform/ids.ts";
import type { MasterKey } from "../../../platform/secrets.ts";
import { openSecret, sealSecret } from "../../../platform/secrets.ts";
import type { Session } from "../session.ts";

/** What a session token looks like: `sess_` and 256 random bits. */
export const SESSION_TOKEN = /^sess_[A-Za-z0-9_-]{43}$/;

/** A new token, and the same sealed for its row: a payer that lost the first answer, or proves the wallet, is given it again. */
export function mintSessionToken(
  needs: { readonly masterKey: MasterKey },
  input: { readonly sessionId: string },
): { readonly token: string; readonly tokenSealed: string } {
  const token = randomSecret("sess");
  return { token, tokenSealed: sealSecret(needs.masterKey, purpose(input.sessionId), token) };
}

/** The token of a session, for whoever proved that it is theirs. Throws when the row was sealed under another master key. */
export function readSessionToken(
  needs: { readonly masterKey: MasterKey },
  session: Pick<Session, "id" | "tokenSealed">,
): string {
  return openSecret(needs.masterKey, purpose(session.id), session.tokenSealed);
}

function purpose(sessionId: string): string {
  return `session-token/${sessionId}`;
}
