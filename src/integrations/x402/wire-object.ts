import { parseStrictJson } from "../../platform/http/strict-json.ts";
import { PaymentHeaderMalformed } from "./errors.ts";
import type { WireObject } from "./facilitator.ts";

/** Node refuses heads of more than 16 kB before this is asked; other ways in, such as a socket, are held to the same. */
const MAXIMUM_CHARACTERS = 16_384;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

/** A JSON object as base64, as every x402 header carries one. */
export function encodeWireObject(object: WireObject): string {
  return Buffer.from(JSON.stringify(object), "utf8").toString("base64");
}

/**
 * Reads what {@link encodeWireObject} wrote, more strictly than clients need: one spelling of base64 per object (padding may be left
 * out), UTF-8, no member twice, no `__proto__`. `name` is the header's, for the sentence. Throws 400 `payment_header_malformed`.
 */
export function decodeWireObject(name: string, text: string): WireObject {
  if (text.length > MAXIMUM_CHARACTERS) {
    throw new PaymentHeaderMalformed(`${name} is longer than ${MAXIMUM_CHARACTERS} characters.`);
  }
  const bytes = Buffer.from(text, "base64");
  if (!BASE64.test(text) || withoutPadding(bytes.toString("base64")) !== withoutPadding(text)) {
    throw new PaymentHeaderMalformed(`${name} is not standard base64 (RFC 4648 section 4).`);
  }
  const value = parseBytes(name, bytes);
  if (isWireObject(value)) return value;
  throw new PaymentHeaderMalformed(`${name} does not hold a JSON object.`);
}

function isWireObject(value: unknown): value is WireObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** An object's own member that is an object itself; undefined for anything else, inherited members included. */
export function objectMember(object: WireObject, name: string): WireObject | undefined {
  const value = ownMember(object, name);
  return isWireObject(value) ? value : undefined;
}

/** An object's own member that is a text; undefined for anything else. */
export function textMember(object: WireObject, name: string): string | undefined {
  const value = ownMember(object, name);
  return typeof value === "string" ? value : undefined;
}

function ownMember(object: WireObject, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

function withoutPadding(text: string): string {
  return text.replace(/=+$/, "");
}

function parseBytes(name: string, bytes: Buffer): unknown {
  try {
    return parseStrictJson(bytes);
  } catch (cause) {
    const said = cause instanceof Error ? cause.message.replace("The body", "It") : "";
    throw new PaymentHeaderMalformed(`${name} must hold a JSON object in base64. ${said}`);
  }
}
