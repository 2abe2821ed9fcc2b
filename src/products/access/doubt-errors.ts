import { DomainError } from "../../errors.ts";

/** What became of a payment cannot be found out without somebody: neither chain nor facilitator says it. Nothing was changed. */
export class PaymentInDoubt extends DomainError {
  constructor(doubt: { readonly reason: string; readonly detail: string }) {
    super({
      code: "payment_in_doubt",
      status: 409,
      title: "Payment in doubt",
      detail: doubt.detail,
      members: { reason: doubt.reason },
    });
  }
}

/** The chain does not prove what an operator says of a payment. Nothing was changed. */
export class SettlementNotProven extends DomainError {
  constructor(proof: { readonly reason: string; readonly detail: string }) {
    super({
      code: "settlement_not_proven",
      status: 409,
      title: "Settlement not proven",
      detail: `The chain does not say so. ${proof.detail}`.slice(0, 500),
      members: { reason: proof.reason },
    });
  }
}

/** A payment counted, and the chain took it back for good: it buys nothing, and its tokens are the payer's. */
export class PaymentReversed extends DomainError {
  constructor(payment: { readonly id: string; readonly transaction: string | null }) {
    super({
      code: "payment_reversed",
      status: 409,
      title: "Payment reversed",
      detail: "A reorganisation of the chain took this payment back: your tokens did not move. Pay anew.",
      members: { paymentId: payment.id, transaction: payment.transaction },
    });
  }
}
