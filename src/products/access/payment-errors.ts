import type { JsonValue } from "../../errors.ts";
import { DomainError } from "../../errors.ts";

/** A facilitator's first answer is expected within this time. */
const FIRST_ANSWER_SECONDS = 10;

/** The merchant has taken the asset out of use for now. Nothing was paid. */
export class AssetInMaintenance extends DomainError {
  constructor() {
    super({
      code: "asset_in_maintenance",
      status: 409,
      title: "Asset in maintenance",
      detail: "The merchant has taken this asset out of use for now. Nothing was charged; try again later.",
      members: { retryAfterSeconds: 300 },
    });
  }
}

/** Somebody has the asset now. `expiresAt` is when it is free, unless its session is extended. */
export class AssetOccupied extends DomainError {
  constructor(input: { readonly expiresAt: Date; readonly retryAfterSeconds: number }) {
    super({
      code: "asset_occupied",
      status: 409,
      title: "Asset occupied",
      detail: "Somebody is using this asset. Nothing was charged; it is free when the session ends.",
      members: { expiresAt: input.expiresAt.toISOString(), retryAfterSeconds: input.retryAfterSeconds },
    });
  }
}

/** Another payment for the asset is under way; it becomes a session, or the asset is free again. */
export class AssetBusy extends DomainError {
  constructor() {
    super({
      code: "asset_busy",
      status: 409,
      title: "Another payment is under way",
      detail: "Somebody is paying for this asset at this moment. Your payment was not sent and nothing was charged.",
      members: { retryAfterSeconds: 5 },
    });
  }
}

/** The payment was used already, and the caller showed nothing that only its payer knows. */
export class PaymentAlreadyUsed extends DomainError {
  constructor() {
    super({
      code: "payment_already_used",
      status: 409,
      title: "Payment already used",
      detail:
        "This payment was used already. If it is yours, show the quote's secret or the same Idempotency-Key of at least 16 characters, or prove the wallet by a SIGN-IN-WITH-X header, and you get the first answer again. Nothing new was charged.",
    });
  }
}

/** The quote was paid by another payment already. */
export class QuoteAlreadyPaid extends DomainError {
  constructor() {
    super({
      code: "quote_already_paid",
      status: 409,
      title: "Quote already paid",
      detail:
        "Another payment was taken for this quote. This one was not sent; ask again without a payment for a new quote.",
    });
  }
}

/** The key was used with another payment. */
export class PaymentKeyReused extends DomainError {
  constructor() {
    super({
      code: "payment_key_reused",
      status: 409,
      title: "Key of another payment",
      detail: "This Idempotency-Key or payment identifier belongs to another payment. This one was not sent.",
    });
  }
}

/** The merchant has no wallet on any network that can be paid. */
export class MerchantHasNoWallet extends DomainError {
  constructor() {
    super({
      code: "merchant_has_no_wallet",
      status: 422,
      title: "Merchant cannot be paid",
      detail:
        "The merchant has no wallet on any network this server takes payments on. Nothing was charged; the merchant has to add one.",
    });
  }
}

/**
 * No facilitator can put a payment on its chain now: the quote's could not be asked, or (`null`) none has ever said that it serves a network
 * the merchant can be paid on. Nothing was moved.
 */
export class FacilitatorUnavailable extends DomainError {
  constructor(notReached: { readonly retryAfterSeconds: number } | null) {
    const detail =
      notReached === null
        ? "No facilitator has said yet that it serves this merchant's networks. Nothing was charged."
        : "The quote's facilitator could not be reached. Nothing was charged: send the same payment again.";
    super({
      ...{ code: "facilitator_unavailable", status: 503, title: "No way to pay at the moment", detail },
      members: { retryAfterSeconds: notReached?.retryAfterSeconds ?? FIRST_ANSWER_SECONDS },
    });
  }
}

/** What is asked for does not fit: both units and an amount, less than one unit, or more than can be sold at once. */
export class UnitsNotSold extends DomainError {
  constructor(detail: string) {
    super({ code: "invalid_units", status: 400, title: "Not a number of units", detail });
  }
}

/** The session is over, so it cannot be extended. */
export class SessionOver extends DomainError {
  constructor() {
    super({
      code: "session_over",
      status: 410,
      title: "Session over",
      detail: "This session has ended and cannot be extended. Nothing was charged; ask for access again.",
    });
  }
}

/** The payer's balance at the merchant is smaller than the price, or there is none. */
export class BalanceTooSmall extends DomainError {
  constructor(input: { readonly balance: string; readonly price: string }) {
    super({
      code: "balance_too_small",
      status: 409,
      title: "Balance too small",
      detail: "The balance of this wallet at the merchant does not cover the price. Nothing was charged.",
      members: { balance: input.balance, price: input.price },
    });
  }
}

/** The caller did not show that it made the payment it names. */
export class PaymentNotProven extends DomainError {
  constructor(detail: string) {
    super({ code: "payment_not_proven", status: 403, title: "Payment not proven", detail });
  }
}

/** `PAY2` without a quote is switched off on this server. */
export class BarePaymentRefused extends DomainError {
  constructor() {
    super({
      code: "bare_payment_refused",
      status: 400,
      title: "Quote needed",
      detail:
        "A transaction on chain is public, so it needs the quote it pays: send PAY2 base64({signature, quoteId, proof}), where proof is the quoteSecret of the 402 or the payer's signature over the quote id.",
    });
  }
}

/** The money moved and bought nothing; it is the payer's balance at the merchant. */
export class PaidButUnserved extends DomainError {
  constructor(members: Readonly<Record<string, JsonValue>>) {
    super({
      code: "paid_but_unserved",
      status: 409,
      title: "Paid, but not served",
      detail:
        'Your payment arrived, but what it was for could not be given any more. All of it is your balance at this merchant: send {"payWith": "balance"} with a SIGN-IN-WITH-X header of the wallet that paid to use it.',
      members,
    });
  }
}

/** The quote a transaction was sent for is not known for this asset or session. */
export class QuoteNotFound extends DomainError {
  constructor() {
    super({
      code: "quote_not_found",
      status: 404,
      title: "Quote not found",
      detail:
        "No quote of this asset or session has this id. Nothing new was charged; name the quote the transaction was sent for.",
    });
  }
}

/** The named transaction is not on the chain yet, or not deep enough. It is not written down, so it can be claimed again. */
export class PaymentNotSeen extends DomainError {
  constructor(reason: string) {
    super({
      code: "payment_not_seen",
      status: 409,
      title: "Payment not seen yet",
      detail: `The transaction cannot be counted yet: ${reason}. Repeat this very request; do not pay again.`,
      members: { retryAfterSeconds: 2 },
    });
  }
}

/** The named transaction did not pay for this. `reason` is permanent. */
export class TransferRefused extends DomainError {
  constructor(input: { readonly code: string; readonly detail: string }) {
    super({
      code: "transfer_refused",
      status: 422,
      title: "Not a payment for this",
      detail: input.detail,
      members: { reason: input.code },
    });
  }
}
