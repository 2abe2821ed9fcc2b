import type { JsonValue } from "../../errors.ts";
import { DomainError } from "../../errors.ts";
import type { SessionStatus } from "./session.ts";

/** The session has ended already, so there is nothing to prolong or to take away. Nothing was changed. */
export class SessionEnded extends DomainError {
  constructor(session: { readonly id: string; readonly status: SessionStatus }) {
    super({
      code: "session_ended",
      status: 409,
      title: "Session ended",
      detail: `This session is ${session.status} already.`,
      members: { sessionId: session.id, sessionStatus: session.status },
    });
  }
}

/** Nobody signed in. `extensions` carries the challenge to sign, as a 402 does; nothing else is told. */
export class SignInRequired extends DomainError {
  constructor(extensions: Readonly<Record<string, JsonValue>>) {
    super({
      code: "sign_in_required",
      status: 401,
      title: "Sign in required",
      detail: "Sign the challenge with the wallet that paid and send it as SIGN-IN-WITH-X.",
      members: { extensions },
    });
  }
}
