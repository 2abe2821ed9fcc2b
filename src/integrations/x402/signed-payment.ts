import { PaymentPayloadInvalid } from "./errors.ts";
import { readEvmAuthorization } from "./evm-authorization.ts";
import type { WireObject } from "./facilitator.ts";
import type { X402Network } from "./networks.ts";
import type { QuoteOption, SignedPayment } from "./payment.ts";
import { readSolanaTransaction } from "./solana-transaction.ts";
import { tokenAccountOf } from "./token-account.ts";
import { objectMember, textMember } from "./wire-object.ts";

/** Why a payment is not the one that was offered. `code` is permanent; `detail` says who must change what. */
export type PaymentMismatch = { readonly code: string; readonly detail: string };

/** Further than this behind `maxTimeoutSeconds` no clock is wrong; beyond it the payment could land long after everybody forgot it. */
const CLOCK_SLACK_SECONDS = 600;
/** A facilitator needs this much time to have it mined. Source: x402's exact scheme on EVM. */
const SECONDS_TO_LAND = 6;

/**
 * Reads what a v1 or v2 payment's signed part says. `payload` is the whole presented payment, `network` the one it names. Nothing is
 * asked of a chain: Solana's signatures are checked here, and EIP-3009 ones whose payment does not name its token (v1); the others are
 * left to the facilitator. Throws 400 `payment_payload_invalid` with a `reason`.
 */
export function readSignedPayment(input: {
  readonly network: X402Network;
  readonly x402Version: 1 | 2;
  readonly payload: WireObject;
}): SignedPayment {
  const { network, x402Version, payload } = input;
  const signed = objectMember(payload, "payload");
  const accepted = objectMember(payload, "accepted");
  const scheme = textMember(accepted ?? payload, "scheme");
  if (signed === undefined) throw new PaymentPayloadInvalid("payload_missing", "The payment lacks payload, an object.");
  if (scheme !== "exact") throw new PaymentPayloadInvalid("unsupported_scheme", "Only the exact scheme is taken here.");
  if (network.kind === "solana") return { x402Version, ...readSolanaTransaction(network, signed) };
  const claimed = accepted === undefined ? undefined : textMember(accepted, "asset");
  return { x402Version, ...readEvmAuthorization(network, signed, claimed) };
}

/**
 * Whether a signed payment is exactly what the option offers: network, token, receiver, amount, memo, fee payer, and a time in which it
 * can land and after which it cannot. Null when it is. A v1 payment may lack the memo, as the oldest clients send none; without `now`
 * times are not looked at.
 */
export function checkSignedPayment(signed: SignedPayment, option: QuoteOption, now?: Date): PaymentMismatch | null {
  return (
    checkTerms(signed, option) ??
    (signed.kind === "solana" ? checkSponsoring(signed, option) : null) ??
    checkSignature(signed) ??
    (now === undefined ? null : checkTimes(signed, option, now))
  );
}

function checkTerms(signed: SignedPayment, option: QuoteOption): PaymentMismatch | null {
  if (signed.network !== option.network) {
    return mismatch(
      "payment_network_mismatch",
      `The offer is for ${option.caip2}; the payment is for another network.`,
    );
  }
  if (!isSame(signed, signed.asset, option.asset)) {
    return mismatch("payment_asset_mismatch", `Pay with ${option.token} (${option.asset}).`);
  }
  if (!isSame(signed, signed.payTo, receiverOf(signed, option))) {
    return mismatch("payment_recipient_mismatch", `Pay to ${option.payTo}, as the offer says.`);
  }
  if (signed.amountUnits !== BigInt(option.amountUnits)) {
    return mismatch("payment_amount_mismatch", `Pay exactly ${option.amountUnits} base units of ${option.token}.`);
  }
  return null;
}

function checkSponsoring(signed: SignedPayment, option: QuoteOption): PaymentMismatch | null {
  const extra = objectMember(option.requirements, "extra") ?? {};
  if (signed.feePayer !== (textMember(extra, "feePayer") ?? null)) {
    return mismatch("payment_fee_payer_mismatch", "The fee payer must be the offer's extra.feePayer.");
  }
  const memo = textMember(extra, "memo") ?? null;
  if (memo === null || signed.memo === memo || (signed.memo === null && signed.x402Version === 1)) return null;
  return mismatch("payment_memo_mismatch", "The transaction must hold one memo, the offer's extra.memo.");
}

function checkSignature({ signature }: SignedPayment): PaymentMismatch | null {
  if (signature !== "wrong") return null;
  return mismatch(
    "payment_signature_invalid",
    "The signature is not the payer's over this payment. On EVM check the token's EIP-712 name and version (extra) and the chain id.",
  );
}

function checkTimes(signed: SignedPayment, option: QuoteOption, now: Date): PaymentMismatch | null {
  const { validFrom, validUntil } = signed;
  if (validFrom !== null && validFrom > now) {
    return mismatch("payment_not_yet_valid", "validAfter is in the future. Check the payer's clock.");
  }
  if (validUntil === null) return null;
  const secondsLeft = (validUntil.getTime() - now.getTime()) / 1000;
  if (secondsLeft < SECONDS_TO_LAND) return mismatch("payment_expired", "validBefore is over, or too near to land.");
  const { maxTimeoutSeconds } = option.requirements;
  const longest = (typeof maxTimeoutSeconds === "number" ? maxTimeoutSeconds : 0) + CLOCK_SLACK_SECONDS;
  if (secondsLeft <= longest) return null;
  return mismatch(
    "payment_valid_too_long",
    `validBefore is too far ahead: at most the offer's maxTimeoutSeconds from now.`,
  );
}

/** On Solana the transfer names a token account, which follows from its owner. */
function receiverOf(signed: SignedPayment, option: QuoteOption): string {
  if (signed.kind === "evm") return option.payTo;
  const { tokenProgram } = signed;
  return tokenAccountOf({ owner: option.payTo, mint: option.asset, tokenProgram: tokenProgram ?? "" }) ?? "";
}

/** EVM addresses are numbers in whatever case; Solana's are texts. */
function isSame({ kind }: SignedPayment, left: string, right: string): boolean {
  return kind === "evm" ? left.toLowerCase() === right.toLowerCase() : left === right;
}

function mismatch(code: string, detail: string): PaymentMismatch {
  return { code, detail };
}
