import type { AttemptNeeds, Verdict } from "../../../integrations/notifications/attempt-delivery.ts";
import { attemptDelivery } from "../../../integrations/notifications/attempt-delivery.ts";
import type { AllowedHost } from "../../../integrations/officex/allowed-hosts.ts";
import { allowedHost } from "../../../integrations/officex/allowed-hosts.ts";
import type { OfficexOrganisation } from "../../../integrations/officex/call-officex.ts";
import type { PurchaseRecord } from "../../../integrations/officex/purchase-records.ts";
import { sendInboxNotice, updatePurchaseRecord } from "../../../integrations/officex/purchase-records.ts";
import { formatDollars } from "../../../money/nanodollars.ts";
import type { OutboundNeeds } from "../../../platform/outbound/fetch.ts";
import type { MasterKey } from "../../../platform/secrets.ts";
import { openSecret } from "../../../platform/secrets.ts";
import { priceLine } from "../offers.ts";
import { saveOfficexAttempt } from "./officex-record-store.ts";
import { officexStatus } from "./officex-status.ts";
import type { TellingVendor, ToldPurchase } from "./told-purchase.ts";
import { billingUrl, readTold, readToldPurchase } from "./told-purchase.ts";

const ROUNDS = 3;
const NOT_CONNECTED: Verdict = {
  outcome: "not_connected",
  isFinal: true,
  text: "recorded (the buyer gave no organisation, host, key or record id)",
};
const HOST_NOT_ALLOWED: Verdict = {
  outcome: "host_not_allowed",
  isFinal: true,
  text: "not sent: the organisation's host is not in OFFICEX_HOSTS",
};

/** What telling OfficeX needs. `officexHosts` are the only hosts ever called; `resolve` is the system's unless a test brings names. */
export type OfficexNeeds = AttemptNeeds &
  Pick<OutboundNeeds, "resolve"> & {
    readonly masterKey: MasterKey;
    readonly vendor: TellingVendor;
    readonly officexHosts: readonly AllowedHost[];
  };

/**
 * Brings the purchase's record in the buyer's organisation to the purchase's present state. It sends what is, not what the event was, and
 * looks again afterwards: whichever of several updates comes last, and however late, the record ends at the truth. Answers what became of
 * it in words. Throws `notice_not_taken` and `destination_busy`, both tried again.
 */
export async function updateOfficex(needs: OfficexNeeds, input: { readonly eventId: string }): Promise<string> {
  const told = await readTold(needs.database, input.eventId);
  if (told === null) return "unknown";
  const target = findTarget(needs, told);
  const destination = "verdict" in target ? null : target.host.host;
  return attemptDelivery(needs, { eventId: told.event.id, channel: "officex", destination }, async () => {
    if ("verdict" in target) {
      await saveOfficexAttempt(needs.database, attemptOf(told, target.verdict.outcome, null));
      return target.verdict;
    }
    return converge(needs, target, told);
  });
}

/**
 * Puts the event into the inbox of the buyer's organisation; `event_id` in it lets a reader drop a repetition. Answers what became of it
 * in words. Throws `notice_not_taken` and `destination_busy`, both tried again.
 */
export async function noticeOfficex(needs: OfficexNeeds, input: { readonly eventId: string }): Promise<string> {
  const told = await readTold(needs.database, input.eventId);
  if (told === null) return "unknown";
  const target = findTarget(needs, told);
  const destination = "verdict" in target ? null : target.host.host;
  return attemptDelivery(needs, { eventId: told.event.id, channel: "officex_inbox", destination }, async () => {
    if ("verdict" in target) return target.verdict;
    const { event } = told;
    const payload = {
      event_id: event.id,
      purchase_id: told.purchase.officexPurchaseId ?? "",
      vendor_purchase_id: event.purchaseId,
      occurred_at: event.occurredAt.toISOString(),
      ...event.data,
    };
    const answer = await sendInboxNotice(needs, {
      organisation: target,
      notice: { topic: event.type, payload },
    });
    // An organisation without an inbox is no reason to ask for days; the record says the same.
    return answer.outcome === "not_found" ? { ...answer, isFinal: true } : answer;
  });
}

async function converge(needs: OfficexNeeds, target: OfficexOrganisation, first: ToldPurchase): Promise<Verdict> {
  let told = first;
  for (let round = 1; ; round += 1) {
    const record = presentRecord(needs.vendor, told, new Date(needs.clock.now()));
    const answer = await updatePurchaseRecord(needs, { organisation: target, record });
    const accepted = answer.outcome === "delivered" ? record.status : null;
    await saveOfficexAttempt(needs.database, attemptOf(told, answer.outcome, accepted));
    if (accepted === null) return answer;
    const now = await readToldPurchase(needs.database, told.purchase.id);
    if (now === null || isSameStage(now, told)) return answer;
    if (round === ROUNDS)
      return { outcome: "changing", isFinal: false, text: "The purchase changes while it is told." };
    told = now;
  }
}

function isSameStage(one: ToldPurchase, other: ToldPurchase): boolean {
  const stage = ({ purchase, ending }: ToldPurchase) =>
    JSON.stringify([purchase.status, purchase.graceEndsAt, purchase.title, ending]);
  return stage(one) === stage(other);
}

function attemptOf({ purchase }: ToldPurchase, outcome: string, accepted: string | null) {
  return { purchaseId: purchase.id, outcome, accepted };
}

/**
 * Whom to call. The key goes only to the host it was handed over with at `initiate`; what finalize says fills in what was not said then,
 * and never redirects the key.
 */
function findTarget(needs: OfficexNeeds, told: ToldPurchase): OfficexOrganisation | { readonly verdict: Verdict } {
  const { checkout, purchase } = told;
  const orgId = checkout.orgId ?? purchase.buyerOrgId;
  const stated = checkout.host ?? purchase.buyerOrgHost;
  const sealed = checkout.orgApiKeySealed;
  if (orgId === null || stated === null || sealed === null || purchase.officexPurchaseId === null)
    return { verdict: NOT_CONNECTED };
  const host = allowedHost(needs.officexHosts, stated);
  if (host === undefined) return { verdict: HOST_NOT_ALLOWED };
  return { host, orgId, apiKey: openSecret(needs.masterKey, "org-api-key", sealed) };
}

/** A purchase as its OfficeX record should say it. Pure. */
function presentRecord(vendor: TellingVendor, told: ToldPurchase, now: Date): PurchaseRecord {
  const { purchase, checkout } = told;
  const shown = officexStatus(purchase.status, told.ending);
  const deadline = purchase.status === "grace" ? `Deadline ${purchase.graceEndsAt?.toISOString() ?? "unknown"}.` : "";
  const topUp = `Top up with ${checkout.token} on ${checkout.chain} at ${checkout.depositAddress}.`;
  const isOver = ["terminating", "refunding", "terminated"].includes(purchase.status);
  const balance = `Balance ${formatDollars(told.balance)} USD at ${now.toISOString()}.`;
  return {
    id: purchase.officexPurchaseId ?? purchase.id,
    title: purchase.title,
    status: shown.status,
    pricing: priceLine(purchase.terms),
    vendorNotes: [shown.note, deadline, balance, isOver ? "" : topUp].filter((part) => part !== "").join(" "),
    billingUrl: billingUrl(vendor, purchase.id),
    supportUrl: vendor.supportUrl,
  };
}
