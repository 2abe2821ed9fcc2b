/**
 * A facilitator's reason in our words. `isLasting`: it speaks of the signed bytes alone, so it was true before anything was sent and stays
 * true. All others depend on the moment (balance, nonce, time, simulation) and are also said of a payment that has just landed.
 */
export type ReadReason = { readonly code: string; readonly isLasting: boolean };

type Rule = readonly [pattern: RegExp, code: string, when: "lasting" | "passing"];

// Reasons of @x402/svm and @x402/evm 2.27, of x402 1.2 and of the specification's error list. The order counts: the first that fits.
const RULES: readonly Rule[] = [
  [/nonce_already_used|already_used|authorization_used|nonce_used/, "nonce_used", "passing"],
  [/insufficient_(?:funds|balance)$|insufficient_funds/, "insufficient_funds", "passing"],
  [/fee_payer_(?:empty|out_of_funds)|facilitator_out_of_funds/, "facilitator_out_of_funds", "passing"],
  [/facilitator_fees_too_high/, "facilitator_fees_too_high", "passing"],
  [/simulation_failed/, "simulation_failed", "passing"],
  [/valid_before|_expired$|deadline|block_?(?:hash|height)_?(?:expired|exceeded)/, "payment_expired", "passing"],
  [/valid_after|not_yet_valid/, "payment_not_yet_valid", "passing"],
  [/asset_not_deployed|eip3009_not_supported|token_(?:name|version)_mismatch/, "asset_unsupported", "passing"],
  [
    /transaction_failed|invalid_transaction_state|transfer_event_mismatch|not_confirmed/,
    "settlement_failed",
    "passing",
  ],
  [/compute_(?:limit|price)_instruction|excessive_signers/, "fee_limit_exceeded", "lasting"],
  [/memo_(?:mismatch|count)/, "memo_mismatch", "lasting"],
  [/recipient_mismatch|transfer_to_incorrect_ata|incorrect_ata|pay_?to_mismatch/, "recipient_mismatch", "lasting"],
  [/amount_mismatch|value_mismatch|authorization_value|amount_insufficient/, "amount_mismatch", "lasting"],
  [/mint_mismatch|asset_mismatch|token_mismatch/, "asset_mismatch", "lasting"],
  [/missing_eip712_domain/, "requirements_invalid", "lasting"],
  [
    /fee_payer_transferring_funds|fee_payer_(?:mismatch|not_managed)|missing_fee_payer/,
    "fee_payer_mismatch",
    "lasting",
  ],
  [/signature|eip6492_factory_not_allowed|undeployed_smart_wallet/, "signature_invalid", "lasting"],
  [/network_mismatch|^invalid_network$/, "network_mismatch", "lasting"],
  [/scheme|x402_version/, "scheme_unsupported", "lasting"],
  [/payment_requirements/, "requirements_invalid", "lasting"],
  [
    /instruction|could_not_be_decoded|invalid_payload|payload_type|^invalid_exact_(?:svm|evm)_payload/,
    "payload_invalid",
    "lasting",
  ],
];

/** Longest reason looked at, in characters. */
const LONGEST = 200;

/**
 * Reads a facilitator's reason, of either protocol version and any vendor. An unknown one is `payment_refused` and passing: nothing is
 * known of what it says.
 */
export function readReason(reason: string): ReadReason {
  const text = reason.slice(0, LONGEST).toLowerCase();
  const rule = RULES.find(([pattern]) => pattern.test(text));
  if (rule === undefined) return { code: "payment_refused", isLasting: false };
  return { code: rule[1], isLasting: rule[2] === "lasting" };
}

/** What each of our codes tells the payer: what is wrong, and who can mend it. */
const SENTENCES: Readonly<Record<string, string>> = {
  nonce_used: "This authorization was used before. Sign a new one, unless the payment is already shown as settled.",
  insufficient_funds: "The payer's wallet does not hold enough of the token.",
  facilitator_out_of_funds:
    "The facilitator cannot pay the network fee. Its operator has to fund it; nothing was taken from the payer.",
  facilitator_fees_too_high:
    "The network's fees are higher than the facilitator may spend now. Nothing was taken from the payer; try again later.",
  simulation_failed:
    "The chain would refuse this transaction now: an expired blockhash, a missing token account or too small a balance.",
  payment_expired: "The signed payment is no longer valid. Ask for a new quote and sign again.",
  payment_not_yet_valid: "The signed payment is not valid yet. Check the payer's clock.",
  asset_unsupported: "The token's contract does not take this kind of payment.",
  settlement_failed: "The transaction did not succeed on the chain.",
  fee_limit_exceeded:
    "The transaction asks for more compute units, a higher priority fee or more signatures than are paid for.",
  memo_mismatch: "The transaction does not carry the quote's memo exactly once.",
  recipient_mismatch: "The payment goes to another address than the quote's payTo.",
  amount_mismatch: "The payment is not exactly the quote's amount.",
  asset_mismatch: "The payment is of another token than the quote's.",
  fee_payer_mismatch: "The transaction does not name the quote's fee payer.",
  signature_invalid: "A signature is missing or does not belong to the payer.",
  network_mismatch: "The payment is for another network than the quote's.",
  scheme_unsupported: "The facilitator does not speak this scheme or protocol version.",
  requirements_invalid: "The facilitator does not understand the terms of this server.",
  payload_invalid: "The signed payment has another form than its scheme asks for.",
  payment_refused: "The facilitator refused the payment.",
};

/** A sentence for people about a code of {@link readReason}; the facilitator's own words follow it where it had some. */
export function explainReason({
  code,
  message,
}: {
  readonly code: string;
  readonly message: string | undefined;
}): string {
  const sentence = SENTENCES[code] ?? "The facilitator refused the payment.";
  return message === undefined || message === "" ? sentence : `${sentence} It said: ${message.slice(0, 300)}`;
}
