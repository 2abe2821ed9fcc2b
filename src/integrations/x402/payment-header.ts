import type { IncomingHttpHeaders } from "node:http";
import { PaymentHeaderMalformed, SeveralPaymentHeaders, X402VersionMismatch } from "./errors.ts";
import type { WireObject } from "./facilitator.ts";
import type { PresentedPayment } from "./payment.ts";
import { readPaymentIdentifier } from "./payment-identifier.ts";
import { decodeWireObject, objectMember, textMember } from "./wire-object.ts";

const SECOND = "PAYMENT-SIGNATURE";
const FIRST = "X-PAYMENT";
const AUTHORIZATION = "x-payment-authorization";
const AUTHORIZATION_VALUE = /^PAY2 +(\S+)$/;
// A Solana signature is 64 bytes in base 58, an EVM transaction's hash 32 bytes in hexadecimal.
const TRANSACTION = /^(0x[0-9a-fA-F]{64}|[1-9A-HJ-NP-Za-km-z]{64,88})$/;
const QUOTE_ID = /^[A-Za-z0-9_-]{1,64}$/;
const PROOF = /^[\x21-\x7e]{1,512}$/;

/**
 * Reads the payment a request presents, in any of the three dialects; null when there is none. A request with two, or one header
 * twice, is refused, as is a version that is not the header's. Throws 400 `payment_header_malformed`, `several_payment_headers`,
 * `x402_version_mismatch` and `payment_identifier_invalid`.
 */
export function readPresentedPayment(headers: IncomingHttpHeaders): PresentedPayment | null {
  const [first, ...more] = [SECOND, FIRST, AUTHORIZATION].flatMap((name) => {
    const value = headers[name.toLowerCase()];
    return value === undefined ? [] : [{ name, value }];
  });
  if (first === undefined) return null;
  if (more.length > 0) throw new SeveralPaymentHeaders([first, ...more].map(({ name }) => name));
  const { name, value } = first;
  // Node joins a repeated header with commas, which no dialect contains.
  if (typeof value !== "string" || value.includes(",")) throw new SeveralPaymentHeaders([name, `${name} again`]);
  if (name === AUTHORIZATION) return readAuthorization(value);
  return readPaymentObject(name === SECOND ? 2 : 1, decodeWireObject(name, value));
}

/** The same for a v1 or v2 payment that came as an object, such as in a socket's message. Throws as {@link readPresentedPayment}. */
export function readPaymentObject(x402Version: 1 | 2, payment: WireObject): PresentedPayment {
  const name = x402Version === 2 ? SECOND : FIRST;
  if (payment.x402Version !== x402Version) throw new X402VersionMismatch(name, x402Version);
  if (objectMember(payment, "payload") === undefined) throw lacking(name, "payload, an object");
  return x402Version === 2 ? readSecondVersion(payment) : readFirstVersion(payment);
}

function readSecondVersion(payment: WireObject): PresentedPayment {
  const accepted = objectMember(payment, "accepted");
  if (accepted === undefined) throw lacking(SECOND, "accepted, the chosen entry of accepts");
  for (const member of ["scheme", "network", "amount", "asset", "payTo"]) {
    if (textMember(accepted, member) === undefined) throw lacking(SECOND, `accepted.${member}, a text`);
  }
  return { dialect: "v2", payload: payment, accepted, paymentIdentifier: readPaymentIdentifier(payment) };
}

function readFirstVersion(payment: WireObject): PresentedPayment {
  const network = textMember(payment, "network");
  const scheme = textMember(payment, "scheme");
  if (network === undefined) throw lacking(FIRST, "network, a text");
  if (scheme === undefined) throw lacking(FIRST, "scheme, a text");
  return { dialect: "v1", payload: payment, network, scheme };
}

/** Seed 001's own header: `PAY2 base64({"signature", "quoteId"?, "proof"?})`. */
function readAuthorization(value: string): PresentedPayment {
  const encoded = AUTHORIZATION_VALUE.exec(value)?.[1];
  if (encoded === undefined) {
    throw new PaymentHeaderMalformed(`${AUTHORIZATION} must read "PAY2 " and a JSON object in base64.`);
  }
  const object = decodeWireObject(AUTHORIZATION, encoded);
  const transaction = textMember(object, "signature");
  if (transaction === undefined || !TRANSACTION.test(transaction)) {
    throw lacking(AUTHORIZATION, "signature, a Solana signature in base 58 or an EVM transaction's hash");
  }
  return {
    dialect: "pay2",
    transaction: transaction.startsWith("0x") ? transaction.toLowerCase() : transaction,
    quoteId: optionalText(object, "quoteId", QUOTE_ID),
    proof: optionalText(object, "proof", PROOF),
  };
}

function optionalText(object: WireObject, name: string, form: RegExp): string | null {
  if (!Object.hasOwn(object, name)) return null;
  const text = textMember(object, name);
  if (text !== undefined && form.test(text)) return text;
  throw new PaymentHeaderMalformed(`${AUTHORIZATION} holds a ${name} that cannot be one of ours.`);
}

function lacking(name: string, what: string): PaymentHeaderMalformed {
  return new PaymentHeaderMalformed(`${name} lacks ${what}.`);
}
