import { DomainError } from "../../errors.ts";
import type { Nanodollars } from "../../money/nanodollars.ts";
import { formatDollars } from "../../money/nanodollars.ts";

/** No offer has this id or checkout flow. */
export class OfferNotFound extends DomainError {
  constructor() {
    super({ code: "offer_not_found", status: 404, title: "Offer not found", detail: "No offer has this id." });
  }
}

/** The offer does not take this chain and token, or the server is not set up for it. */
export class PaymentMethodNotAccepted extends DomainError {
  constructor(accepted: readonly string[]) {
    super({
      code: "payment_method_not_accepted",
      status: 400,
      title: "Payment method not accepted",
      detail: `This offer is paid in one of: ${accepted.join(", ") || "nothing this server is set up for"}.`,
      members: { accepted },
    });
  }
}

/** The checkout session id is unknown. It is a capability, so a wrong one and a missing one look the same. */
export class CheckoutNotFound extends DomainError {
  constructor() {
    super({
      code: "checkout_not_found",
      status: 404,
      title: "Checkout not found",
      detail: "No checkout has this session id.",
    });
  }
}

/** The checkout expired before any money came. Money that comes later still counts and revives it. */
export class CheckoutExpired extends DomainError {
  constructor() {
    super({
      code: "checkout_expired",
      status: 410,
      title: "Checkout expired",
      detail:
        "This checkout expired without a deposit. Start a new one; money sent to the old address is still credited.",
    });
  }
}

/** What was confirmed on chain does not reach the minimum yet. Nothing was sold; what arrived stays the customer's. */
export class PaymentNotConfirmed extends DomainError {
  constructor(state: {
    readonly confirmed: Nanodollars;
    readonly observed: Nanodollars;
    readonly minimum: Nanodollars;
  }) {
    super({
      code: "payment_not_confirmed",
      status: 402,
      title: "Payment not confirmed",
      detail:
        "The confirmed deposits do not reach the minimum yet. Send the rest to the same address, or wait for confirmations.",
      members: {
        success: false,
        confirmed: formatDollars(state.confirmed),
        observed: formatDollars(state.observed),
        minimum: formatDollars(state.minimum),
      },
    });
  }
}

/** No purchase has this id, or the key belongs to another purchase: both look the same to the caller. */
export class PurchaseNotFound extends DomainError {
  constructor() {
    super({
      code: "purchase_not_found",
      status: 404,
      title: "Purchase not found",
      detail: "No purchase of yours has this id.",
    });
  }
}

/** The purchase is being terminated or is gone: nothing can be metered, rotated or read from it any more. */
export class PurchaseTerminated extends DomainError {
  constructor() {
    super({
      code: "purchase_terminated",
      status: 410,
      title: "Purchase terminated",
      detail: "This purchase was terminated and its resources are deleted or being deleted.",
    });
  }
}

/** The product is not there yet; provisioning goes on by itself. */
export class NotProvisionedYet extends DomainError {
  constructor() {
    super({
      code: "not_provisioned_yet",
      status: 409,
      title: "Not provisioned yet",
      detail: "The purchase is paid and being provisioned. Ask again in a few seconds.",
      members: { retry_after_seconds: 2 },
    });
  }
}

/** A usage report carries neither a price we know for its unit nor a billed amount. */
export class UnitNotPriced extends DomainError {
  constructor(units: readonly string[]) {
    super({
      code: "unit_not_priced",
      status: 400,
      title: "Unit not priced",
      detail: `This purchase has prices for: ${units.join(", ")}. For another unit send billed_amount.`,
      members: { units },
    });
  }
}

/** A usage report's time is outside what can be billed: more than 400 days ago or more than 10 minutes ahead. */
export class UsageTimeOutOfRange extends DomainError {
  constructor() {
    super({
      code: "usage_time_out_of_range",
      status: 400,
      title: "Usage time out of range",
      detail: "timestamp must lie between 400 days ago and 10 minutes from now.",
    });
  }
}

/** The event id and the Idempotency-Key name two different events. */
export class EventIdMismatch extends DomainError {
  constructor() {
    super({
      code: "event_id_mismatch",
      status: 400,
      title: "Event id mismatch",
      detail: "event_id and the Idempotency-Key header differ. Send one of them, or the same value in both.",
    });
  }
}

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
