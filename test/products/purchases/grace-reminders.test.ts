import { describe, expect, it } from "vitest";
import { dueReminder, nextLookAt, remindersOf } from "../../../src/products/purchases/grace-reminders.ts";

const START = new Date("2026-01-01T00:00:00Z");
const later = (seconds: number) => new Date(START.getTime() + seconds * 1_000);
const grace = (seconds: number) => ({ startedAt: START, endsAt: later(seconds) });

describe("reminders in grace", () => {
  it("come half-way and when the last tenth begins", () => {
    expect(remindersOf(grace(86_400)).map(({ at }) => at)).toEqual([later(43_200), later(77_760)]);
  });

  it("are never more than somebody can act on: one in twenty seconds, none in two", () => {
    expect(remindersOf(grace(20)).map(({ at }) => at)).toEqual([later(10)]);
    expect(remindersOf(grace(2))).toEqual([]);
    expect(remindersOf(grace(0))).toEqual([]);
  });

  it("are due from their moment on, and the later takes the earlier's place", () => {
    const day = grace(86_400);
    expect(dueReminder(day, later(43_199))).toBeNull();
    expect(dueReminder(day, later(43_200))?.at).toEqual(later(43_200));
    expect(dueReminder(day, later(86_000))?.at).toEqual(later(77_760));
  });

  it("keep their keys when the end is moved, so none is sent twice in one grace", () => {
    const keys = (seconds: number) => remindersOf(grace(seconds)).map(({ key }) => key);
    expect(keys(172_800)).toEqual(keys(86_400));
  });

  it("set the time of the next look: each reminder, then the end", () => {
    const day = grace(86_400);
    expect(nextLookAt(day, START)).toEqual(later(43_200));
    expect(nextLookAt(day, later(43_200))).toEqual(later(77_760));
    expect(nextLookAt(day, later(80_000))).toEqual(later(86_400));
  });
});
