import { z } from "zod";
import { isKeepableJson, isKeepableText } from "../../platform/http/wire-text.ts";

const PLAIN_DECIMAL = /^-?[0-9]+(?:\.[0-9]+)?$/;

const METADATA_CHARACTERS = 16_000;

/** Text from a client. A zero character or half a surrogate pair is refused: no column keeps either as it was sent. */
export const text = (length: { readonly minimum?: number; readonly maximum: number }) => {
  const bounded = z.string().max(length.maximum);
  const sized = length.minimum === undefined ? bounded : bounded.min(length.minimum);
  return sized.refine(isKeepableText, "expected text without zero characters and unpaired surrogates");
};

/** A purchase id as it stands in a path. Anything else is simply not found. */
export const PurchaseParams = z.object({ id: text({ minimum: 1, maximum: 64 }) });

/** The offer in the path of `/offer/:offer_id`. */
export const OfferParams = z.object({ offer_id: text({ minimum: 1, maximum: 64 }) });

/** The offer in the path of the `/offer/:offer_id/checkout/*` spellings; absent in the `/checkout/*` ones. */
export const OptionalOfferParams = OfferParams.partial();

/**
 * A decimal on the wire: a string, or a JSON number as seed 000's clients send it. A number is taken by its shortest decimal
 * spelling and refused when that needs an exponent or more digits than a double keeps.
 */
export const WireDecimal = z
  .union([z.string().min(1).max(32), z.number().refine(isPlainNumber, "send this amount as a decimal string")])
  .transform((value) => String(value))
  .meta({ description: "Decimal string, ASCII digits only; a JSON number is accepted when it is exact." });

/** A short free text from a client, kept as sent and never interpreted. */
export const ShortText = text({ maximum: 256 });

/** Whatever else a client wants kept: at most 16,000 characters as JSON, with texts as {@link text} takes them. */
export const Metadata = z
  .record(z.string().max(128), z.json())
  .refine(
    isKeepableMetadata,
    "expected at most 16000 characters of JSON, without zero characters and unpaired surrogates",
  );

/** The unguessable session id that `initiate` answered. */
export const SessionId = z.string().min(16).max(128).meta({ description: "The checkout_session_id of initiate." });

/** One deposit as the customer sees it. Amounts are null where a token has no known price; nobody signs the growth of a coin balance. */
export const DepositView = z
  .object({
    id: z.string(),
    transaction_hash: z.string().nullable(),
    log_index: z.number().int().nullable(),
    from: z.string().nullable(),
    chain: z.string(),
    token: z.string().nullable(),
    token_address: z.string().nullable(),
    amount: z.string().nullable(),
    amount_units: z.string(),
    announced_units: z.string().nullable(),
    status: z.string(),
    credited: z.string(),
    account_kind: z.enum(["balance", "suspense", "none"]),
    refundable: z.boolean(),
    waiting_for: z.string().nullable(),
    note: z.string(),
    observed_at: z.string(),
    confirmed_at: z.string().nullable(),
  })
  .meta({ id: "Deposit" });

function isKeepableMetadata(value: unknown): boolean {
  return isKeepableJson(value) && JSON.stringify(value).length <= METADATA_CHARACTERS;
}

function isPlainNumber(value: number): boolean {
  const text = String(value);
  return PLAIN_DECIMAL.test(text) && text.replace(/[-.]/g, "").length <= 15;
}

/** A moment on the wire: ISO 8601 with its offset, a plain date (its first moment in UTC), or milliseconds since 1970. */
export const WireTime = z
  .union([z.iso.datetime({ offset: true }), z.iso.date(), z.number().int().min(0).max(8.64e15)])
  .transform((value) => new Date(value))
  .refine((date) => !Number.isNaN(date.getTime()), "expected a moment that exists")
  .meta({ description: "ISO 8601 with offset, a date (UTC), or milliseconds since 1970." });
