import { describe, expect, it, vi } from "vitest";
import { readDeadline, untilDeadline } from "../../workflows/waiting.ts";

const DAY_MS = 86_400_000;

describe("how long a workflow waits", () => {
  it("waits exactly until the deadline", () => {
    vi.useFakeTimers({ now: Date.parse("2026-01-01T00:00:00Z") });
    expect(untilDeadline("2026-01-01T00:00:10Z")).toBe(10_000);
    vi.useRealTimers();
  });

  it("never spins on a deadline that has just passed", () => {
    expect(untilDeadline("2020-01-01T00:00:00Z")).toBe(250);
  });

  it("looks at the truth at least once a day, with a far deadline and with none", () => {
    expect(untilDeadline("2999-01-01T00:00:00Z")).toBe(DAY_MS);
    expect(untilDeadline(null)).toBe(DAY_MS);
  });

  it.each(["", "soon", "2026-13-45"])("takes the unreadable deadline %j for none", (deadline) => {
    expect(readDeadline(deadline)).toBeNull();
    expect(untilDeadline(deadline)).toBe(DAY_MS);
  });
});
