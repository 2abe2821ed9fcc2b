import { z } from "zod";
import { announce } from "../notices/announce.ts";
import { updatePurchase } from "../purchase-store.ts";
import { RepairNotAllowed } from "./errors.ts";
import type { RepairFacts } from "./repair.ts";
import { defineRepair } from "./repair.ts";

const LONGEST_MS = 90 * 86_400_000;

/**
 * Grace ends later: at `until`, in the future and at most 90 days away. Also calls back a termination that has begun, as long as
 * nothing was destroyed; from the first step that destroys something there is no way back, nor from a customer's own cancellation.
 */
export const extendGrace = defineRepair({
  action: "extendGrace",
  fields: {
    until: z.iso
      .datetime({ offset: true })
      .meta({ description: "The new end of grace, such as 2026-01-31T12:00:00Z." }),
  },
  refuse: (facts, { until }) => refuseState(facts) ?? refuseDeadline(facts, new Date(until)),
  apply: async ({ transaction, facts, key }, { until }) => {
    const { purchase } = facts;
    if (purchase === null) throw new Error("only a purchase has grace");
    const graceEndsAt = new Date(until);
    await updatePurchase(transaction, { id: purchase.id, status: "grace", graceEndsAt });
    const deadline = graceEndsAt.toISOString();
    await announce(transaction, {
      purchaseId: purchase.id,
      type: "purchase.grace_extended",
      key: `grace-extended:${key}`,
      data: { grace_ends_at: deadline },
    });
    const calledBack = purchase.status === "terminating" ? "The termination is called back. " : "";
    return { text: `${calledBack}Grace ends at ${deadline}.`, data: { grace_ends_at: deadline } };
  },
});

function refuseState({ purchase, isDestructionBegun }: RepairFacts): Error | null {
  if (purchase?.status === "grace") return null;
  const status = purchase?.status ?? "unsold";
  if (status !== "terminating")
    return new RepairNotAllowed("extendGrace", status, "Only a purchase in grace has a deadline to extend.");
  if (purchase?.endReason === "customer_cancelled")
    return new RepairNotAllowed("extendGrace", status, "The customer ended it: only they could want it back.");
  if (!isDestructionBegun) return null;
  return new RepairNotAllowed("extendGrace", status, "The termination has begun to destroy; it cannot be called back.");
}

function refuseDeadline({ purchase, now }: RepairFacts, until: Date): Error | null {
  const status = purchase?.status ?? "unsold";
  if (until <= now) return new RepairNotAllowed("extendGrace", status, "until must be later than now.");
  if (until.getTime() - now.getTime() <= LONGEST_MS) return null;
  return new RepairNotAllowed("extendGrace", status, "until may be at most 90 days from now.");
}
