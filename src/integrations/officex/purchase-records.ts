import type { OutboundNeeds } from "../../platform/outbound/fetch.ts";
import type { OfficexOrganisation, OfficexOutcome } from "./call-officex.ts";
import { callOfficex } from "./call-officex.ts";

/** OfficeX's own states of a purchase. Source: its `PurchaseStatus` enum. */
export type OfficexStatus =
  | "REQUESTED"
  | "AWAITING"
  | "RUNNING"
  | "BLOCKED"
  | "COMPLETED"
  | "FAILED"
  | "CANCELED"
  | "REFUNDED"
  | "ARCHIVED"
  | "PAID"
  | "PAYMENT_REQUIRED"
  | "PAYMENT_FAILED"
  | "UNKNOWN";

/** What we know of a purchase record; texts of any length, cut to OfficeX's limits when sent. Null members are left out. */
export type PurchaseRecord = {
  readonly id: string;
  readonly title: string;
  readonly status: OfficexStatus;
  readonly pricing: string;
  readonly vendorNotes: string;
  readonly billingUrl: string | null;
  readonly supportUrl: string | null;
};

/** A notice for an organisation's inbox; `payload` is plain text values. */
export type InboxNotice = { readonly topic: string; readonly payload: Readonly<Record<string, string | number>> };

const SHORT_TEXT = 256;
const LONG_TEXT = 1_024;
const URL_TEXT = 2_048;

type Needs = Pick<OutboundNeeds, "resolve">;

/**
 * Writes a purchase's present state into its record: POST `purchases/update`. The same record twice is the same record. Answers what came
 * of it and does not throw for the other side's failures.
 */
export async function updatePurchaseRecord(
  needs: Needs,
  input: { readonly organisation: OfficexOrganisation; readonly record: PurchaseRecord },
): Promise<OfficexOutcome> {
  return callOfficex(needs, input.organisation, { path: "purchases/update", body: recordBody(input.record) });
}

/** Puts a notice into an organisation's inbox: POST `organization/inbox`. A second try may show it twice. */
export async function sendInboxNotice(
  needs: Needs,
  input: { readonly organisation: OfficexOrganisation; readonly notice: InboxNotice },
): Promise<OfficexOutcome> {
  const { topic, payload } = input.notice;
  const body = { drive_id: input.organisation.orgId, topic: cut(topic, SHORT_TEXT), payload: inboxPayload(payload) };
  return callOfficex(needs, input.organisation, { path: "organization/inbox", body });
}

/** The body of an update, every text within OfficeX's limits: 256, 1,024 for notes, 2,048 for addresses. Pure. */
export function recordBody(record: PurchaseRecord): Readonly<Record<string, string>> {
  return {
    id: cut(record.id, SHORT_TEXT),
    title: cut(record.title, SHORT_TEXT),
    status: record.status,
    pricing: cut(record.pricing, SHORT_TEXT),
    vendor_notes: cut(record.vendorNotes, LONG_TEXT),
    ...address("billing_url", record.billingUrl),
    ...address("support_url", record.supportUrl),
  };
}

/** An address that is too long is left out: half of one leads somewhere else. */
function address(name: string, url: string | null): Readonly<Record<string, string>> {
  return url === null || url.length > URL_TEXT ? {} : { [name]: url };
}

/** The payload is bounded as a whole: 1,024 characters of JSON. What identifies the notice comes first and stays. */
function inboxPayload(payload: InboxNotice["payload"]): InboxNotice["payload"] {
  let kept: InboxNotice["payload"] = {};
  for (const [name, value] of Object.entries(payload)) {
    const next = { ...kept, [name]: typeof value === "string" ? cut(value, SHORT_TEXT) : value };
    if (JSON.stringify(next).length > LONG_TEXT) return kept;
    kept = next;
  }
  return kept;
}

/** At most `limit` UTF-16 units, never half a character, and with a sign that something is missing. */
function cut(text: string, limit: number): string {
  if (text.length <= limit) return text;
  return `${text.slice(0, limit - 1).replace(/[\uD800-\uDBFF]$/, "")}…`;
}
