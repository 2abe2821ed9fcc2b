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
