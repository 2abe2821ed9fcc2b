import { describe, expect, it } from "vitest";
import { officexStatus } from "../../../../src/products/purchases/notices/officex-status.ts";

describe("officexStatus", () => {
  it.each([
    ["provisioning", "AWAITING"],
    ["active", "RUNNING"],
    ["low", "RUNNING"],
    ["critical", "PAYMENT_REQUIRED"],
    ["suspended", "PAYMENT_REQUIRED"],
    ["grace", "PAYMENT_REQUIRED"],
    ["terminating", "BLOCKED"],
    ["refunding", "BLOCKED"],
    ["terminated", "ARCHIVED"],
    ["stuck", "UNKNOWN"],
  ] as const)("shows %s as %s", (status, shown) => expect(officexStatus(status, null).status).toBe(shown));

  it("says how a purchase that is over ended, and does not say it early", () => {
    expect(officexStatus("terminated", "refunded").status).toBe("REFUNDED");
    expect(officexStatus("terminated", "cancelled").status).toBe("CANCELED");
    expect(officexStatus("terminating", "cancelled").status).toBe("BLOCKED");
    expect(officexStatus("refunding", "refunded").status).toBe("BLOCKED");
  });
});
