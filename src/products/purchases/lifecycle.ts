import type { BalanceTriggers, TriggerName } from "./balance-triggers.ts";
import type { PurchaseStatus } from "./purchase-store.ts";

/** What the decision looks at: the purchase's row and which of its triggers the ledger has seen crossed and not re-armed. */
export type LifecycleFacts = {
  readonly status: PurchaseStatus;
  readonly graceEndsAt: Date | null;
  readonly crossed: ReadonlySet<TriggerName>;
  readonly graceSeconds: number;
  readonly now: Date;
};

/** The decision: the status to write, the grace deadline, and what the workflow does next. */
export type LifecycleDecision = {
  readonly status: PurchaseStatus;
  readonly graceEndsAt: Date | null;
  readonly next: "provision" | "wait" | "terminate" | "done";
};

/**
 * Decides what a purchase is now. The crossings come from the postings themselves, so this needs no balance arithmetic. Grace begins
 * when the termination trigger is crossed and ends by itself when a top-up re-arms it; only when its deadline has passed and the
 * trigger is still crossed does termination begin, and from there is no way back. Pure.
 */
export function decideLifecycle(facts: LifecycleFacts): LifecycleDecision {
  if (facts.status === "terminated") return { status: "terminated", graceEndsAt: null, next: "done" };
  if (facts.status === "terminating")
    return { status: "terminating", graceEndsAt: facts.graceEndsAt, next: "terminate" };
  if (facts.status === "provisioning") return { status: "provisioning", graceEndsAt: null, next: "provision" };
  if (facts.crossed.has("termination")) return decideGrace(facts);
  return { status: statusFor(facts.crossed), graceEndsAt: null, next: "wait" };
}

function decideGrace(facts: LifecycleFacts): LifecycleDecision {
  const graceEndsAt = facts.graceEndsAt ?? new Date(facts.now.getTime() + facts.graceSeconds * 1000);
  if (facts.now >= graceEndsAt) return { status: "terminating", graceEndsAt, next: "terminate" };
  return { status: "grace", graceEndsAt, next: "wait" };
}

function statusFor(crossed: ReadonlySet<TriggerName>): PurchaseStatus {
  if (crossed.has("critical")) return "critical";
  return crossed.has("low") ? "low" : "active";
}

/** The plain sentence operators and customers read for a status. Pure. */
export function describeLifecycle(
  status: PurchaseStatus,
  triggers: Readonly<Record<keyof BalanceTriggers, string>>,
  graceEndsAt: Date | null,
): string {
  switch (status) {
    case "provisioning":
      return "Paid; the product is being provisioned.";
    case "active":
      return "Active.";
    case "low":
      return `Balance is low (at or below ${triggers.low} USD). The customer was told; waits for usage or a top-up.`;
    case "critical":
      return `Balance is critical (at or below ${triggers.critical} USD). The customer was told; waits for usage or a top-up.`;
    case "grace":
      return `Out of balance. Everything is deleted at ${graceEndsAt?.toISOString() ?? "the end of grace"} unless the customer tops up.`;
    case "terminating":
      return "Terminating: access is revoked, then everything is deleted.";
    case "terminated":
      return "Terminated: access revoked, resources deleted, books closed.";
    case "refunding":
      return "Refunding what is left.";
    case "stuck":
      return "Stuck; an operator is needed.";
    default:
      return status satisfies never;
  }
}
