import { Granted, PaymentRequiredReply, Pending, WantedBody } from "../payment-schemas.ts";

/** The body of a request that may be paid; empty is one unit. */
export const PaidBody = WantedBody;

/** How such a request is answered. */
export const PAID_REPLIES = [
  {
    status: 200,
    schema: Granted,
    description: "Paid, and granted.",
    headers: { "PAYMENT-RESPONSE": "x402 v2: the settlement and our receipt." },
  },
  {
    status: 202,
    schema: Pending,
    description: "Whether the payment arrived is not known yet. Look at statusUrl; do not pay again.",
  },
  {
    status: 402,
    schema: PaymentRequiredReply,
    description: "What to pay, in three dialects; or why the payment was not taken.",
    headers: { "PAYMENT-REQUIRED": "x402 v2: the same offer." },
  },
] as const;

/** What both paid endpoints may refuse. Nothing is moved by any of them but `paid_but_unserved`. */
export const PAYMENT_PROBLEMS = [
  ...[
    "asset_not_found",
    "asset_in_maintenance",
    "asset_busy",
    "merchant_has_no_wallet",
    "facilitator_unavailable",
    "facilitator_unusable",
  ],
  ...["invalid_units", "payment_header_malformed", "several_payment_headers", "x402_version_mismatch"],
  ...["payment_payload_invalid", "payment_identifier_invalid", "payment_already_used", "quote_already_paid"],
  ...[
    "payment_key_reused",
    "paid_but_unserved",
    "payment_reversed",
    "bare_payment_refused",
    "payment_not_proven",
    "payment_not_seen",
  ],
  ...["transfer_refused", "quote_not_found", "balance_too_small", "sign_in_invalid", "sign_in_expired"],
] as const;
