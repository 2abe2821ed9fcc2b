import { PaymentIdentifierInvalid } from "./errors.ts";
import type { WireObject } from "./facilitator.ts";
import { objectMember } from "./wire-object.ts";

const EXTENSION = "payment-identifier";
const IDENTIFIER = /^[A-Za-z0-9_-]{16,128}$/;

/**
 * What a 402 says of the extension: a client may name its payment, and the same name later is the same payment. Source: the
 * payment-identifier extension of x402 v2.
 */
export function offerPaymentIdentifier(): WireObject {
  const id = { type: "string", minLength: 16, maxLength: 128, pattern: "^[a-zA-Z0-9_-]+$" };
  const properties = { required: { type: "boolean" }, id };
  return { [EXTENSION]: { info: { required: false }, schema: { type: "object", properties, required: ["required"] } } };
}

/** The name a client gave its payment; null when it gave none. Throws 400 `payment_identifier_invalid`. */
export function readPaymentIdentifier(payment: WireObject): string | null {
  const extension = objectMember(objectMember(payment, "extensions") ?? {}, EXTENSION);
  if (extension === undefined) return null;
  const info = objectMember(extension, "info");
  if (info === undefined || !Object.hasOwn(info, "id")) return null;
  if (typeof info.id !== "string" || !IDENTIFIER.test(info.id)) throw new PaymentIdentifierInvalid();
  return info.id;
}
