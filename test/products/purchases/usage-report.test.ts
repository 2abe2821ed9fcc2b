import { expect, it } from "vitest";
import { toUsageReport, UsageBody } from "../../../src/products/purchases/usage-report.ts";

it("makes the same report of a number and of its text, and null of what was left out", () => {
  const spell = (usage_amount: unknown) =>
    toUsageReport("pur_1", UsageBody.parse({ usage_amount, usage_unit: "GB" }), "e-1");
  expect(spell(1.5)).toEqual(spell("1.5"));
  expect(spell("1.5")).toEqual({
    ...{ purchaseId: "pur_1", eventId: "e-1", quantity: "1.5", unit: "GB" },
    ...{ billedAmount: null, occurredAt: null, description: null, metadata: null },
  });
});

it("reads a time in both of its spellings as the same moment", () => {
  const at = (timestamp: unknown) =>
    toUsageReport("pur_1", UsageBody.parse({ usage_amount: "1", usage_unit: "GB", timestamp }), "e").occurredAt;
  expect(at("2026-01-01T01:00:00+01:00")).toEqual(at(Date.UTC(2026, 0, 1)));
});
