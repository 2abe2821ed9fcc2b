import { z } from "zod";

const STATUSES =
  "REQUESTED AWAITING RUNNING BLOCKED COMPLETED FAILED CANCELED REFUNDED ARCHIVED PAID PAYMENT_REQUIRED PAYMENT_FAILED UNKNOWN";

const short = z.string().max(256);
const long = z.string().max(1024);
const url = z.string().max(2048);

/** What may be said about a purchase, with OfficeX's limits: 256 for short texts, 1,024 for notes, 2,048 for addresses. */
const Fields = z.object({
  title: short,
  subtitle: short,
  description: long,
  about_url: url,
  billing_url: url,
  support_url: url,
  delivery_url: url,
  verification_url: url,
  status: z.enum(STATUSES.split(" ")),
  pricing: short,
  vendor_notes: long,
  notes: long,
  tracer: short,
  labels: z.array(short).max(100),
  external_id: short,
  external_payload: long,
});

/** The body of `purchases/create`: the id carries OfficeX's prefix. */
export const CreateBody = Fields.partial().extend({ id: short.startsWith("PurchaseID_") });

/** The body of `purchases/update`: any field, and an id of whatever form. */
export const UpdateBody = Fields.partial().extend({ id: short.min(1) });

/** The body of `organization/inbox`. */
export const InboxBody = z.object({
  drive_id: short.min(1),
  topic: short.min(1),
  payload: z.record(z.string(), z.unknown()).refine((payload) => JSON.stringify(payload).length <= 1024),
});

const ApiKey = z.object({ auth_type: z.literal("API_KEY"), value: z.string().min(1) });

/** An organisation's key as OfficeX hands it out: base64 of JSON that says what it is. */
export function writeApiKey(value: string): string {
  return Buffer.from(JSON.stringify({ auth_type: "API_KEY", value })).toString("base64");
}

/** The value inside a key, from the Authorization header; undefined when there is none or it is something else. */
export function readApiKey(header: string | undefined): string | undefined {
  const encoded = /^Bearer ([A-Za-z0-9+/=]+)$/.exec(header ?? "")?.[1];
  if (encoded === undefined) return undefined;
  try {
    return ApiKey.parse(JSON.parse(Buffer.from(encoded, "base64").toString("utf8"))).value;
  } catch {
    return undefined;
  }
}
