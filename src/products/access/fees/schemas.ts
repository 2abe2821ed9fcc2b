import { z } from "zod";

const EXPECTED_MOMENT = "expected a time with its offset, such as 2026-11-01T12:00:00Z, or a day such as 2026-11-01";
const DAY_ALONE = /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/;

/** A moment on the wire: ISO 8601 with its offset, or a day, which begins at midnight UTC; in the years 2000 to 2099. */
export const WireMoment = z
  .union([z.iso.datetime({ offset: true }), z.iso.date()], EXPECTED_MOMENT)
  .transform((text) => new Date(DAY_ALONE.test(text) ? `${text}T00:00:00Z` : text))
  .refine(isOfThisCentury, "expected a time in the years 2000 to 2099")
  .meta({ description: "ISO 8601 with an offset, or a day such as 2026-11-01." });

/** Sums of earnings. Dollars are decimal strings. */
export const EarningsSumsView = z.object({
  payments: z.number().int(),
  gross: z.string(),
  fee: z.string(),
  net: z.string(),
  returned: z.string(),
  returnedFee: z.string(),
  earned: z.string(),
});

function isOfThisCentury(moment: Date): boolean {
  const year = moment.getUTCFullYear();
  return year >= 2000 && year < 2100;
}

/** An invoice for the fees of a month's direct sales. Dollars are decimal strings, units are base units of the line's token. */
export const InvoiceView = z
  .object({
    id: z.string(),
    merchantId: z.string(),
    month: z.string(),
    coversFrom: z.string(),
    coversTo: z.string(),
    amount: z.string(),
    currency: z.literal("USD"),
    lines: z.array(
      z.object({
        network: z.string(),
        token: z.string(),
        payments: z.number().int(),
        gross: z.string(),
        grossUnits: z.string(),
        fee: z.string(),
        feeUnits: z.string(),
        returned: z.string(),
        returnedFee: z.string(),
        amount: z.string(),
      }),
    ),
    status: z.enum(["open", "paid"]),
    reference: z.string().nullable(),
    issuedAt: z.string(),
    paidAt: z.string().nullable(),
  })
  .meta({ id: "AccessInvoice" });

/** Which page of which invoices. */
export const InvoiceQuery = z.object({
  status: z.enum(["open", "paid"]).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z
    .string()
    .regex(/^inv_[0-9a-z]{1,60}$/, "expected the nextCursor of the page before")
    .optional(),
});

/** A page of invoices, newest first. */
export const InvoicePage = z.object({ invoices: z.array(InvoiceView), nextCursor: z.string().nullable() });

/** A payout of what a custodial merchant is owed. */
const PayoutView = z
  .object({
    id: z.string(),
    merchantId: z.string(),
    network: z.string(),
    token: z.string(),
    destination: z.string(),
    amount: z.string(),
    amountUnits: z.string(),
    status: z.enum(["open", "paid", "cancelled"]),
    transaction: z.string().nullable(),
    createdAt: z.string(),
    paidAt: z.string().nullable(),
  })
  .meta({ id: "AccessPayout" });

/** Which page of which payouts. */
export const PayoutQuery = z.object({
  status: z.enum(["open", "paid", "cancelled"]).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z
    .string()
    .regex(/^pout_[0-9a-z]{1,60}$/, "expected the nextCursor of the page before")
    .optional(),
});

/** A page of payouts, newest first. */
export const PayoutPage = z.object({ payouts: z.array(PayoutView), nextCursor: z.string().nullable() });
