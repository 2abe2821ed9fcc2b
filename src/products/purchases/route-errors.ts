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

/** No list of the appstore has this id. */
export class AppstoreListNotFound extends DomainError {
  constructor() {
    super({
      code: "appstore_list_not_found",
      status: 404,
      title: "Appstore list not found",
      detail: "No list of the appstore has this id.",
    });
  }
}

/** The path names one offer and the body another. */
export class OfferMismatch extends DomainError {
  constructor() {
    super({
      code: "offer_mismatch",
      status: 400,
      title: "Offer mismatch",
      detail: "The path and the body name different offers. Send offer_id in one of them, or the same in both.",
    });
  }
}

/** The key was replaced and only works till its overlap ends: it may read, but not make another key out of itself. */
export class KeyReplaced extends DomainError {
  constructor() {
    super({
      code: "key_replaced",
      status: 403,
      title: "Key replaced",
      detail: "A newer key of this purchase exists. Rotate with that one.",
    });
  }
}
