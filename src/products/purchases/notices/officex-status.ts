import type { OfficexStatus } from "../../../integrations/officex/purchase-records.ts";
import type { PurchaseStatus } from "../purchase-store.ts";

/** What OfficeX shows for one of our statuses, and the sentence its record carries for people. */
type Shown = { readonly status: OfficexStatus; readonly note: string };

/**
 * Our statuses in OfficeX's words. OfficeX knows no levels of a balance, so what matters is what the customer must do: nothing
 * (AWAITING, RUNNING), pay (PAYMENT_REQUIRED), or nothing any more (BLOCKED and after). PAID is the buyer's own app's word at the sale
 * and is never sent again; COMPLETED and FAILED are for deliveries, which a metered thing has none of.
 */
const SHOWN: Readonly<Record<PurchaseStatus, Shown>> = {
  // Paid, and the product is on its way.
  provisioning: { status: "AWAITING", note: "Paid; being set up." },
  active: { status: "RUNNING", note: "In use." },
  // Everything still works, and there is time: an early word is for notes and notices, not for the status.
  low: { status: "RUNNING", note: "In use; the balance is low. Top up soon." },
  // Without money from the customer this ends.
  critical: { status: "PAYMENT_REQUIRED", note: "The balance is critical. Top up, or it runs out." },
  suspended: { status: "PAYMENT_REQUIRED", note: "The balance is critical: read-only until a top-up." },
  grace: { status: "PAYMENT_REQUIRED", note: "Out of balance. Top up before the deadline, or everything is deleted." },
  // Access is revoked and no top-up changes that: asking for money would be wrong.
  terminating: { status: "BLOCKED", note: "Access is revoked; everything is being deleted." },
  refunding: { status: "BLOCKED", note: "Deleted; what was left is on its way back." },
  terminated: { status: "ARCHIVED", note: "Ended; everything was deleted." },
  // We do not know how it goes on, and say so.
  stuck: { status: "UNKNOWN", note: "The vendor's staff is looking into it." },
};

/** How a purchase that is over ended, where it was not by running out. */
export type Ending = "cancelled" | "refunded" | null;

/** What OfficeX is told for a purchase in `status`; `ending` says how one that is over ended. Pure. */
export function officexStatus(status: PurchaseStatus, ending: Ending): Shown {
  if (status === "terminated" && ending === "refunded")
    return { status: "REFUNDED", note: "Ended; what was left was sent back." };
  if (status === "terminated" && ending === "cancelled")
    return { status: "CANCELED", note: "Cancelled by the customer; everything was deleted." };
  return SHOWN[status];
}
