import { describe, expect, it } from "vitest";
import type { TriggerName } from "../../../src/products/purchases/balance-triggers.ts";
import type { LifecycleFacts } from "../../../src/products/purchases/lifecycle.ts";
import { decideLifecycle, describeLifecycle } from "../../../src/products/purchases/lifecycle.ts";

const NOW = new Date("2026-01-01T00:00:00Z");
const LATER = new Date("2026-01-02T00:00:00Z");
const EARLIER = new Date("2025-12-31T00:00:00Z");

function facts(change: Partial<LifecycleFacts> & { readonly triggers?: readonly TriggerName[] }): LifecycleFacts {
  return {
    status: "active",
    graceEndsAt: null,
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
    expect(first).toEqual({ status: "grace", graceEndsAt: new Date("2026-01-01T01:00:00Z"), next: "wait" });
    const again = decideLifecycle(facts({ triggers: ["termination"], status: "grace", graceEndsAt: LATER }));
    expect(again).toEqual({ status: "grace", graceEndsAt: LATER, next: "wait" });
  });

  it("W08: a top-up that re-armed the level cancels termination even after the deadline passed", () => {
    expect(decideLifecycle(facts({ status: "grace", graceEndsAt: EARLIER }))).toEqual({
      status: "active",
      graceEndsAt: null,
      next: "wait",
    });
  });

  it("terminates when the deadline has passed and the level is still crossed", () => {
    const decision = decideLifecycle(facts({ status: "grace", graceEndsAt: EARLIER, triggers: ["termination"] }));
    expect(decision).toEqual({ status: "terminating", graceEndsAt: EARLIER, next: "terminate" });
  });

  it("has no way back from terminating, and nothing to do when terminated", () => {
    expect(decideLifecycle(facts({ status: "terminating" })).next).toBe("terminate");
    expect(decideLifecycle(facts({ status: "terminated", triggers: ["termination"] })).next).toBe("done");
  });

  it("provisions first, whatever the balance: who paid gets the product", () => {
    expect(decideLifecycle(facts({ status: "provisioning", triggers: ["termination"] })).next).toBe("provision");
  });
});

it("tells the customer when everything is deleted", () => {
  const text = describeLifecycle("grace", { low: "1", critical: "0.5", termination: "0.05" }, LATER);
  expect(text).toContain(LATER.toISOString());
});
