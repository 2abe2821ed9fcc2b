import { describe, expect, it } from "vitest";
import { isStuckKind, STUCK_KINDS, STUCK_LIMITS } from "../../../../src/products/purchases/watch/stuck-limits.ts";

describe("the limits of every state", () => {
  it("each say how long and what to do", () => {
    for (const kind of STUCK_KINDS) {
      expect(STUCK_LIMITS[kind].seconds).toBeGreaterThan(0);
      expect(STUCK_LIMITS[kind].nextAction).toMatch(/\.$/);
    }
  });

  it("know their own names and nothing an object happens to have", () => {
    expect([isStuckKind("sweep"), isStuckKind("toString"), isStuckKind("__proto__"), isStuckKind("")]).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });
});
