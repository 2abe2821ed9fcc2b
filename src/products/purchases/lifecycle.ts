import type { BalanceTriggers, TriggerName } from "./balance-triggers.ts";
import type { PurchaseAccess, PurchaseStatus } from "./purchase-store.ts";

/**
 * What the decision looks at: the purchase's row, which of its triggers the ledger has seen crossed and not re-armed, whether its offer
 * suspends at critical, and what became of the money left when it ended.
 */
export type LifecycleFacts = {
  readonly status: PurchaseStatus;
  readonly access: PurchaseAccess;
  readonly graceStartedAt: Date | null;
  readonly graceEndsAt: Date | null;
  readonly crossed: ReadonlySet<TriggerName>;
  readonly graceSeconds: number;
  readonly suspendsAtCritical: boolean;
  /** `refundable`: enough is left to send back; `under_way`: its refunds are not done; `none`: nothing, or too little. */
  readonly remainder: "none" | "refundable" | "under_way";
  readonly now: Date;
};

/** The phases a purchase goes through by steps or by one closing act. */
export type LifecyclePhase = "provision" | "suspend" | "resume" | "terminate" | "refund";

/** The decision: the status to write, the span of grace, and what the workflow does next. */
export type LifecycleDecision = {
  readonly status: PurchaseStatus;
  readonly graceStartedAt: Date | null;
  readonly graceEndsAt: Date | null;
  readonly next: LifecyclePhase | "wait" | "done";
};

const NO_GRACE = { graceStartedAt: null, graceEndsAt: null } as const;

/**
 * Decides what a purchase is now. The crossings come from the postings themselves, so this needs no balance arithmetic. Grace begins
 * when the termination trigger is crossed and ends by itself when a top-up re-arms it; only when its deadline has passed and the
 * trigger is still crossed does termination begin, and from there is no way back: what is left, and what comes later, is sent back. A
 * purchase that is `stuck` was taken out by an operator and stays so until one puts it back. Pure.
 */
export function decideLifecycle(facts: LifecycleFacts): LifecycleDecision {
  const { graceStartedAt, graceEndsAt } = facts;
  switch (facts.status) {
    case "provisioning":
      return { status: "provisioning", ...NO_GRACE, next: "provision" };
    case "terminating":
      return { status: "terminating", graceStartedAt, graceEndsAt, next: "terminate" };
    case "refunding":
    case "terminated":
      return decideRemainder(facts);
    case "stuck":
      return { status: "stuck", graceStartedAt, graceEndsAt, next: "wait" };
    case "active":
    case "low":
    case "critical":
    case "suspended":
    case "grace":
      return facts.crossed.has("termination") ? decideGrace(facts) : decideRunning(facts);
  }
}

function decideRemainder({ remainder, graceStartedAt, graceEndsAt }: LifecycleFacts): LifecycleDecision {
  const grace = { graceStartedAt, graceEndsAt };
  if (remainder === "refundable") return { status: "refunding", ...grace, next: "refund" };
  if (remainder === "under_way") return { status: "refunding", ...grace, next: "wait" };
  return { status: "terminated", ...grace, next: "done" };
}

function decideGrace(facts: LifecycleFacts): LifecycleDecision {
  const graceEndsAt = facts.graceEndsAt ?? new Date(facts.now.getTime() + facts.graceSeconds * 1000);
  const begun = facts.graceEndsAt === null ? facts.now : new Date(graceEndsAt.getTime() - facts.graceSeconds * 1000);
  const grace = { graceStartedAt: facts.graceStartedAt ?? begun, graceEndsAt };
  if (facts.now >= graceEndsAt) return { status: "terminating", ...grace, next: "terminate" };
  return { status: "grace", ...grace, next: nextAccess(facts) };
}

function decideRunning(facts: LifecycleFacts): LifecycleDecision {
  return { status: statusFor(facts), ...NO_GRACE, next: nextAccess(facts) };
}

/** What the resources should allow against what they do. */
function nextAccess(facts: LifecycleFacts): "suspend" | "resume" | "wait" {
  const isSuspended = facts.suspendsAtCritical && (facts.crossed.has("critical") || facts.crossed.has("termination"));
  if (isSuspended && facts.access === "full") return "suspend";
  return !isSuspended && facts.access === "read_only" ? "resume" : "wait";
}

function statusFor({ crossed, suspendsAtCritical }: LifecycleFacts): PurchaseStatus {
  if (crossed.has("critical")) return suspendsAtCritical ? "suspended" : "critical";
  return crossed.has("low") ? "low" : "active";
}

/** True from the moment termination begins: nothing is sold, metered or opened any more, and there is no way back. Pure. */
export function isEnding(status: PurchaseStatus): boolean {
  return status === "terminating" || status === "refunding" || status === "terminated";
}

/**
 * Whether a phase's steps may still act on a purchase. An attempt that comes after its phase is over, from a worker that hung, finds
 * that it may not: what termination took away is not given again, and what a top-up opened is not shut. Pure.
 */
export function isInPhase(
  purchase: { readonly status: PurchaseStatus; readonly access: PurchaseAccess },
  phase: LifecyclePhase,
): boolean {
  const { status, access } = purchase;
  switch (phase) {
    case "provision":
      return status === "provisioning";
    case "suspend":
      return access === "full" && (status === "suspended" || status === "grace");
    case "resume":
      return access === "read_only" && (status === "active" || status === "low" || status === "critical");
    case "terminate":
      return status === "terminating";
    case "refund":
      return status === "refunding";
    default:
      return phase satisfies never;
  }
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
    case "suspended":
      return `Balance is critical (at or below ${triggers.critical} USD): what was bought can be read and not written until a top-up.`;
    case "grace":
      return `Out of balance. Everything is deleted at ${graceEndsAt?.toISOString() ?? "the end of grace"} unless the customer tops up.`;
    case "terminating":
      return "Terminating: access is revoked, then everything is deleted.";
    case "refunding":
      return "Everything is deleted; what was left of the balance is on its way back to the customer.";
    case "terminated":
      return "Terminated: access revoked, resources deleted, books closed.";
    case "stuck":
      return "Taken out by an operator; waits until one puts it back.";
    default:
      return status satisfies never;
  }
}
