import { DomainError } from "../../errors.ts";

/** A cancellation that was not confirmed. Nothing changed; the answer says what would be deleted. */
export class CancelNotConfirmed extends DomainError {
  constructor(purchase: { readonly title: string; readonly bucket: string | null; readonly balance: string }) {
    const what =
      purchase.bucket === null ? "everything bought with it" : `the bucket ${purchase.bucket} and all that is in it`;
    super({
      code: "cancel_not_confirmed",
      status: 400,
      title: "Cancel not confirmed",
      detail: `Cancelling deletes ${what}, at once and for good. Send {"confirm": true} to do it.`,
      members: { deletes: { title: purchase.title, bucket: purchase.bucket }, balance: purchase.balance },
    });
  }
}

/** Notice levels that break the order low > critical > termination, or that are not the customer's to set. `rule` says which. */
export class InvalidNoticeLevels extends DomainError {
  constructor(rule: string, levels: Readonly<Record<"low" | "critical" | "termination", string>>) {
    super({
      code: "invalid_notice_levels",
      status: 400,
      title: "Invalid notice levels",
      detail: `The rule is: ${rule}.`,
      members: { rule, levels },
    });
  }
}

/** A usage report by signal that is not one. Kept as refused; nothing was charged. */
export class InvalidUsageReport extends DomainError {
  constructor(detail: string) {
    super({ code: "invalid_usage_report", status: 400, title: "Invalid usage report", detail });
  }
}

/** No usage event of this id was charged or refused. One sent by signal may still be on its way. */
export class UsageEventNotFound extends DomainError {
  constructor() {
    super({
      code: "usage_event_not_found",
      status: 404,
      title: "Usage event not found",
      detail: "No usage event of this id was charged or refused for this purchase.",
    });
  }
}
