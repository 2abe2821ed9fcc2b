import { afterEach, expect, it } from "vitest";
import { type StagedFacilitator, stageFacilitator } from "./staged-facilitator.ts";

let staged: StagedFacilitator;
afterEach(() => staged.stop());

const BODY = { x402Version: 2, paymentPayload: { a: 1 }, paymentRequirements: { network: "solana:local" } };
const ANSWER = { success: true, transaction: "t", network: "solana:local", payer: "p" };

it("hands over the payment and answers what became of it", async () => {
  staged = await stageFacilitator({
    settle: async (call) => {
      expect(call).toEqual(BODY);
      return { response: ANSWER, inFlight: false };
    },
  });
  expect(await staged.post("/settle", BODY)).toEqual({ status: 200, body: ANSWER });
});

it("answers 409 and no verdict while another call is at the payment", async () => {
  const response = { success: false, errorReason: "duplicate_settlement", transaction: "", network: "solana:local" };
  staged = await stageFacilitator({ settle: async () => ({ response, inFlight: true }) });
  expect(await staged.post("/settle", BODY)).toEqual({ status: 409, body: response });
});

it("is 503 and tells nothing of the cause when the node or the books fail: the outcome is unknown", async () => {
  staged = await stageFacilitator({ settle: async () => Promise.reject(new Error("connect ECONNREFUSED 10.0.0.7")) });
  const { status, body } = await staged.post("/settle", BODY);
  expect([status, body]).toMatchObject([503, { code: "settlement_unavailable" }]);
  expect(JSON.stringify(body)).not.toContain("10.0.0.7");
});
