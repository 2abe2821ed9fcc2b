import { expect, it } from "vitest";
import { outcomeOf } from "../../../../src/integrations/x402/own-facilitator/follow-settlements.ts";

it("ends a settlement by what the chain shows, and believes that it is gone only after three minutes", () => {
  expect(outcomeOf("landed", 0)).toEqual({ success: true });
  expect(outcomeOf("failed", 0)).toMatchObject({ success: false, reason: "transaction_failed" });
  expect([outcomeOf("not_seen", 10 ** 9), outcomeOf("dropped", 179_000)]).toEqual([undefined, undefined]);
  expect(outcomeOf("dropped", 181_000)).toMatchObject({ success: false });
});
