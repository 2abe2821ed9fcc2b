import { DomainError } from "../../errors.ts";

/** The asked range of billing history is empty, turned round, or outside what can have been billed. */
export class BillingRangeInvalid extends DomainError {
  constructor(detail: string) {
    super({ code: "billing_range_invalid", status: 400, title: "Billing range invalid", detail });
  }
}

/** The cursor is not one that a page of this history gave. */
export class BillingCursorInvalid extends DomainError {
  constructor() {
    super({
      code: "billing_cursor_invalid",
      status: 400,
      title: "Billing cursor invalid",
      detail: "cursor must be the Next-Cursor of an earlier page of the same question.",
    });
  }
}
