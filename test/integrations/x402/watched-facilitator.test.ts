import { expect, it } from "vitest";
import type { Facilitator, SettleOutcome } from "../../../src/integrations/x402/facilitator.ts";
import { watchFacilitator } from "../../../src/integrations/x402/watched-facilitator.ts";

const CALL = { x402Version: 2, paymentPayload: {}, paymentRequirements: {} } as const;
const unknown = (transaction: string | null): SettleOutcome => ({
  kind: "unknown",
  transaction,
  detail: "",
  raw: null,
});

function watch(outcomes: readonly SettleOutcome[]) {
  const left = [...outcomes];
  const clock = { at: 0, now: () => clock.at };
  const facilitator: Facilitator = {
    name: "x",
    url: "http://x",
    supported: () => Promise.reject(new Error("away")),
    verify: async () => ({ kind: "unavailable", detail: "", retryAfterSeconds: 1, raw: null }),
    settle: async () => left.shift() ?? unknown(null),
  };
  return { clock, ...watchFacilitator({ clock }, facilitator) };
}

it("rests after three calls in a row without an answer, of whatever kind, and is tried again after a while", async () => {
  const { facilitator, isFailing, clock } = watch([]);
  await facilitator.verify(CALL);
  await expect(facilitator.supported()).rejects.toThrow("away");
  expect(isFailing()).toBe(false);
  await facilitator.settle(CALL);
  expect(isFailing()).toBe(true);
  clock.at = 30_000;
  expect(isFailing()).toBe(false);
});

it("counts a named transaction and a refusal as answers", async () => {
  const refusal = { kind: "failed", code: "amount_mismatch", reason: "", detail: "", raw: null } as const;
  const { facilitator, isFailing } = watch([unknown(null), unknown(null), unknown("0xabc"), unknown(null), refusal]);
  for (let call = 0; call < 5; call += 1) await facilitator.settle(CALL);
  expect(isFailing()).toBe(false);
});
