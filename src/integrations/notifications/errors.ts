import { DomainError } from "../../errors.ts";

/** Whoever is told did not take it. Tried again for three days, after the pause that the delivery log shows. */
export class NoticeNotTaken extends DomainError {
  constructor(init: { readonly detail: string; readonly retryAfterSeconds: number; readonly cause?: unknown }) {
    super({
      code: "notice_not_taken",
      status: 502,
      title: "Notice not taken",
      detail: init.detail,
      members: { retry_after_seconds: init.retryAfterSeconds },
      cause: init.cause,
    });
  }
}

/** So many calls to this destination are under way that one more has to wait: others shall not wait for it as well. */
export class DestinationBusy extends DomainError {
  constructor(destination: string, retryAfterSeconds: number) {
    super({
      code: "destination_busy",
      status: 503,
      title: "Destination busy",
      detail: `${destination} is slow and has all the calls it may have at once; this one waits.`,
      members: { retry_after_seconds: retryAfterSeconds },
    });
  }
}

/** The listener answered an alert with something else than 2xx: it is sent again. */
export class AlertNotTaken extends DomainError {
  constructor(status: number, retryAfterSeconds: number | undefined) {
    super({
      code: "alert_not_taken",
      status: 503,
      title: "Alert not taken",
      detail: `The listener answered ${status}; the alert is sent again.`,
      ...(retryAfterSeconds === undefined ? {} : { members: { retry_after_seconds: retryAfterSeconds } }),
    });
  }
}
