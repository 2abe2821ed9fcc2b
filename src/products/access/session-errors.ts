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
