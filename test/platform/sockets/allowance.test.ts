import { expect, it } from "vitest";
import { openAllowance } from "../../../src/platform/sockets/allowance.ts";

it("lets as many through as fit, and more as time passes, never more than fit", () => {
  const allowance = openAllowance({ limit: 2, windowMs: 1_000 });
  const taken = (nowMs: number) => [allowance.take(nowMs), allowance.take(nowMs), allowance.take(nowMs)];
  expect(taken(0)).toEqual([true, true, false]);
  expect(taken(500)).toEqual([true, false, false]);
  expect(taken(60_000)).toEqual([true, true, false]);
});
