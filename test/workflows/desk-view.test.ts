import { describe, expect, it } from "vitest";
import { describeStuck, factAttributes, shorten, stuckAttributes, viewAttributes } from "../../workflows/desk-view.ts";

const STUCK = {
  step: "empty the bucket",
  code: "object_locked",
  reason: "2 objects are locked",
  nextAction: "Fix the cause.",
  since: "2026-01-01T00:00:00.000Z",
};

const asObject = (pairs: ReturnType<typeof viewAttributes>) =>
  Object.fromEntries(pairs.map(({ key, value }) => [key.name, value]));

describe("search attributes", () => {
  it("say the status and the deadline", () => {
    const shown = viewAttributes({ status: "grace", details: "", deadline: "2026-01-02T00:00:00Z" });
    expect(asObject(shown)).toEqual({ PurchaseStatus: "grace", ExpiresAt: new Date("2026-01-02T00:00:00Z") });
  });

  it("forget a deadline that is gone or unreadable instead of refusing it", () => {
    expect(asObject(viewAttributes({ status: "low", details: "", deadline: null })).ExpiresAt).toBeNull();
    expect(asObject(viewAttributes({ status: "low", details: "", deadline: "x" })).ExpiresAt).toBeNull();
  });

  it("name the failure's code while stuck and nothing afterwards", () => {
    expect(asObject(stuckAttributes(STUCK))).toEqual({ NeedsReview: true, StuckReason: "object_locked" });
    expect(asObject(stuckAttributes(null))).toEqual({ NeedsReview: false, StuckReason: null });
  });

  it("leave out what is not known", () => {
    expect(factAttributes({})).toEqual([]);
    expect(asObject(factAttributes({ accountId: "purchase:1", chain: "base" }))).toEqual({
      AccountId: "purchase:1",
      Chain: "base",
    });
  });

  it("keep a keyword short enough for every server", () => {
    const [status] = viewAttributes({ status: "s".repeat(5_000), details: "", deadline: null });
    expect(status?.value).toHaveLength(200);
  });
});

describe("texts", () => {
  it("tell the operator the step, the reason and what to do next", () => {
    expect(describeStuck(STUCK)).toContain("Needs review");
    for (const part of [STUCK.step, STUCK.reason, STUCK.nextAction, STUCK.since])
      expect(describeStuck(STUCK)).toContain(part);
  });

  it("are cut with a mark, and only when they are too long", () => {
    expect(shorten("short", 5)).toBe("short");
    expect(shorten("longer", 5)).toBe("lo...");
  });
});
