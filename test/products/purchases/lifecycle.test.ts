import { describe, expect, it } from "vitest";
import type { TriggerName } from "../../../src/products/purchases/balance-triggers.ts";
import type { LifecycleFacts } from "../../../src/products/purchases/lifecycle.ts";
import { decideLifecycle, describeLifecycle, isInPhase } from "../../../src/products/purchases/lifecycle.ts";

const NOW = new Date("2026-01-01T00:00:00Z");
const LATER = new Date("2026-01-02T00:00:00Z");
const EARLIER = new Date("2025-12-31T00:00:00Z");

function facts(change: Partial<LifecycleFacts> & { readonly triggers?: readonly TriggerName[] }): LifecycleFacts {
  return {
    status: "active",
    access: "full",
    graceStartedAt: null,
    graceEndsAt: null,
    suspendsAtCritical: false,
    remainder: "none",
    crossed: new Set(change.triggers ?? []),
    graceSeconds: 3_600,
    now: NOW,
    ...change,
  };
}

describe("decideLifecycle", () => {
  it("names the most urgent level crossed", () => {
    expect(decideLifecycle(facts({})).status).toBe("active");
    expect(decideLifecycle(facts({ triggers: ["low"] })).status).toBe("low");
    expect(decideLifecycle(facts({ triggers: ["low", "critical"] })).status).toBe("critical");
  });

  it("starts grace when the termination level is crossed, and keeps its deadline however often it is asked", () => {
    const first = decideLifecycle(facts({ triggers: ["low", "critical", "termination"] }));
    expect(first).toEqual({
      status: "grace",
      graceStartedAt: NOW,
      graceEndsAt: new Date("2026-01-01T01:00:00Z"),
      next: "wait",
    });
    const again = decideLifecycle(
      facts({ triggers: ["termination"], status: "grace", graceStartedAt: EARLIER, graceEndsAt: LATER }),
    );
    expect(again).toEqual({ status: "grace", graceStartedAt: EARLIER, graceEndsAt: LATER, next: "wait" });
  });

  it("W08: a top-up that re-armed the level cancels termination even after the deadline passed", () => {
    expect(decideLifecycle(facts({ status: "grace", graceEndsAt: EARLIER }))).toEqual({
      status: "active",
      graceStartedAt: null,
      graceEndsAt: null,
      next: "wait",
    });
  });

  it("terminates when the deadline has passed and the level is still crossed", () => {
    const decision = decideLifecycle(facts({ status: "grace", graceEndsAt: EARLIER, triggers: ["termination"] }));
    expect(decision).toMatchObject({ status: "terminating", graceEndsAt: EARLIER, next: "terminate" });
  });

  it("has no way back from terminating, and nothing to do when terminated", () => {
    expect(decideLifecycle(facts({ status: "terminating" })).next).toBe("terminate");
    expect(decideLifecycle(facts({ status: "terminated", triggers: ["termination"] })).next).toBe("done");
  });

  it("sends back what is left once everything is deleted, also what comes after the end, and then is done", () => {
    for (const status of ["refunding", "terminated"] as const) {
      expect(decideLifecycle(facts({ status, remainder: "refundable" }))).toMatchObject({
        status: "refunding",
        next: "refund",
      });
      expect(decideLifecycle(facts({ status, remainder: "under_way" }))).toMatchObject({
        status: "refunding",
        next: "wait",
      });
      expect(decideLifecycle(facts({ status }))).toMatchObject({ status: "terminated", next: "done" });
    }
  });

  it("leaves a purchase that an operator took out where it is, whatever its balance and its deadline say", () => {
    const taken = facts({ status: "stuck", graceEndsAt: EARLIER, triggers: ["termination"] });
    expect(decideLifecycle(taken)).toMatchObject({ status: "stuck", graceEndsAt: EARLIER, next: "wait" });
  });

  it("suspends at critical only where the offer says so, stays suspended through grace, and resumes when it recovers", () => {
    const suspends = { suspendsAtCritical: true, triggers: ["low", "critical"] as const };
    expect(decideLifecycle(facts({ triggers: ["critical"] }))).toMatchObject({ status: "critical", next: "wait" });
    expect(decideLifecycle(facts(suspends))).toMatchObject({ status: "suspended", next: "suspend" });
    expect(decideLifecycle(facts({ ...suspends, access: "read_only" }))).toMatchObject({ next: "wait" });
    const grace = { ...suspends, triggers: ["termination"] as const };
    expect(decideLifecycle(facts(grace))).toMatchObject({ status: "grace", next: "suspend" });
    expect(
      decideLifecycle(facts({ suspendsAtCritical: true, access: "read_only", status: "suspended" })),
    ).toMatchObject({
      status: "active",
      next: "resume",
    });
  });

  it("provisions first, whatever the balance: who paid gets the product", () => {
    expect(decideLifecycle(facts({ status: "provisioning", triggers: ["termination"] })).next).toBe("provision");
  });
});

it("tells the customer when everything is deleted", () => {
  const text = describeLifecycle("grace", { low: "1", critical: "0.5", termination: "0.05" }, LATER);
  expect(text).toContain(LATER.toISOString());
});

describe("isInPhase", () => {
  it("lets a late attempt of a phase that is over do nothing", () => {
    const running = { status: "active", access: "full" } as const;
    for (const phase of ["provision", "suspend", "resume", "terminate", "refund"] as const)
      expect(isInPhase(running, phase)).toBe(false);
    expect(isInPhase({ status: "grace", access: "full" }, "suspend")).toBe(true);
    expect(isInPhase({ status: "grace", access: "read_only" }, "suspend")).toBe(false);
    expect(isInPhase({ status: "low", access: "read_only" }, "resume")).toBe(true);
    expect(isInPhase({ status: "terminating", access: "read_only" }, "resume")).toBe(false);
    expect(isInPhase({ status: "refunding", access: "full" }, "refund")).toBe(true);
  });
});
