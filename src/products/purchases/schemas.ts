import { z } from "zod";

const PLAIN_DECIMAL = /^-?[0-9]+(?:\.[0-9]+)?$/;

/** A purchase id as it stands in a path. Anything else is simply not found. */
export const PurchaseParams = z.object({ id: z.string().min(1).max(64) });

/** The offer in the path of the `/offer/:offer_id/checkout/*` spellings; absent in the `/checkout/*` ones. */
export const OptionalOfferParams = z.object({ offer_id: z.string().min(1).max(64).optional() });

/**
 * A decimal on the wire: a string, or a JSON number as seed 000's clients send it. A number is taken by its shortest decimal
 * spelling and refused when that needs an exponent or more digits than a double keeps.
 */
export const WireDecimal = z
  .union([z.string().min(1).max(32), z.number().refine(isPlainNumber, "send this amount as a decimal string")])
  .transform((value) => String(value))
  .meta({ description: "Decimal string, ASCII digits only; a JSON number is accepted when it is exact." });

/** A short free text from a client, kept as sent and never interpreted. */
export const ShortText = z.string().max(256);

/** The unguessable session id that `initiate` answered. */
export const SessionId = z.string().min(16).max(128).meta({ description: "The checkout_session_id of initiate." });

/** One deposit as the customer sees it. */
export const DepositView = z
  .object({
    transaction_hash: z.string(),
    log_index: z.number().int(),
    from: z.string(),
    amount: z.string(),
    status: z.string(),
    observed_at: z.string(),
    confirmed_at: z.string().nullable(),
  })
  .meta({ id: "Deposit" });

function isPlainNumber(value: number): boolean {
  const text = String(value);
  return PLAIN_DECIMAL.test(text) && text.replace(/[-.]/g, "").length <= 15;
}
