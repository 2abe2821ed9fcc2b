import { InvalidRepair } from "../../../platform/repairs/errors.ts";
import { announce } from "../notices/announce.ts";
import { terminationKey } from "../notices/tell-stage.ts";
import { updatePurchase } from "../purchase-store.ts";
import { text } from "../schemas.ts";
import { RepairNotAllowed } from "./errors.ts";
import type { RepairFacts } from "./repair.ts";
import { defineRepair } from "./repair.ts";

const ENDING: ReadonlySet<string> = new Set(["terminating", "refunding", "terminated"]);

/**
 * The purchase ends now: access is revoked, everything is deleted, whatever its balance. From any state of a living purchase, and
 * only when `confirm` repeats its id. What is left of the balance stays the customer's: refund it before or after.
 */
export const terminateNow = defineRepair({
  action: "terminateNow",
  fields: { confirm: text({ minimum: 1, maximum: 64 }).meta({ description: "The purchase id, once more." }) },
  refuse: (facts, { confirm }) => refuseState(facts) ?? refuseUnconfirmed(facts, confirm),
  apply: async ({ transaction, facts }) => {
    const { purchase } = facts;
    if (purchase === null) throw new Error("only a purchase can be terminated");
    await updatePurchase(transaction, {
      id: purchase.id,
      status: "terminating",
      graceEndsAt: purchase.graceEndsAt,
      endReason: "operator",
    });
    await announce(transaction, {
      purchaseId: purchase.id,
      type: "purchase.terminating",
      key: terminationKey(purchase),
      data: {},
    });
    return { text: "Terminating: access is revoked, then everything is deleted.", data: { was: purchase.status } };
  },
});

function refuseState({ purchase }: RepairFacts): Error | null {
  if (purchase === null)
    return new RepairNotAllowed("terminateNow", "unsold", "Nothing was sold yet, so there is nothing to terminate.");
  if (!ENDING.has(purchase.status)) return null;
  return new RepairNotAllowed("terminateNow", purchase.status, `The purchase is ${purchase.status} already.`);
}

function refuseUnconfirmed({ purchase }: RepairFacts, confirm: string): Error | null {
  if (confirm === purchase?.id) return null;
  return new InvalidRepair([
    { path: "confirm", message: "repeat the purchase id to confirm that all of it is deleted" },
  ]);
}
