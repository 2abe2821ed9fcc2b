import { describe, expect, it } from "vitest";
import { PAID_TIMEOUT_MS, settlePatience } from "../../../../../src/products/access/payments/taking/settle-patience.ts";

describe("who pays", () => {
  it("is answered before the request's time is over, however long its payment was checked", () => {
    for (const waited of [-1_000, 0, 1, 7_500, 15_000]) {
      const patience = settlePatience({ startedAt: 1_000_000, now: 1_000_000 + waited }) ?? Number.NaN;
      expect(Math.max(0, waited) + patience).toBeLessThan(PAID_TIMEOUT_MS);
      expect(patience).toBeGreaterThanOrEqual(10_000);
    }
  });

  it("is charged nothing once its payment was checked for too long", () => {
    expect(settlePatience({ startedAt: 1_000_000, now: 1_015_001 })).toBeNull();
  });
});
