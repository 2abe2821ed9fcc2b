import { expect, it, vi } from "vitest";
import { systemClock } from "../../src/platform/clock.ts";

it("tells the machine's time in milliseconds, as it is at each question", () => {
  vi.useFakeTimers({ toFake: ["Date"], now: 1_700_000_000_000 });
  expect(systemClock.now()).toBe(1_700_000_000_000);
  vi.setSystemTime(1_700_000_000_001);
  expect(systemClock.now()).toBe(1_700_000_000_001);
  vi.useRealTimers();
});
