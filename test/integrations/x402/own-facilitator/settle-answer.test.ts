import { expect, it } from "vitest";
import { readPaymentCall } from "../../../../src/integrations/x402/own-facilitator/payment-call.ts";
import {
  type Asked,
  duplicate,
  otherTerms,
  pending,
  refusal,
  resolved,
} from "../../../../src/integrations/x402/own-facilitator/settle-answer.ts";
import { SOLANA } from "../offers.ts";

const asked = (version: 1 | 2): Asked => {
  const asset = SOLANA.tokens[0]?.address ?? "";
  const terms = { scheme: "exact", network: SOLANA.caip2, asset, amount: "5", payTo: "m", maxTimeoutSeconds: 60 };
  const read = readPaymentCall([SOLANA], {
    x402Version: 2,
    paymentRequirements: terms,
    paymentPayload: { accepted: { scheme: "exact", network: SOLANA.caip2 }, payload: {} },
  });
  if ("reason" in read) throw new Error(read.message);
  return { ...read, version };
};

it("names the network as the version that was asked in spells it", () => {
  const outcome = { success: true };
  const of = (version: 1 | 2) => resolved(asked(version), { transaction: "t", payer: "p", outcome }).response;
  expect(of(2)).toEqual({ success: true, transaction: "t", network: SOLANA.caip2, payer: "p" });
  expect(of(1).network).toBe(SOLANA.v1Name);
});

it("names a transaction in every answer about one that was sent, and in no refusal", () => {
  const sent = { transaction: "t", payer: "p" };
  expect(pending(asked(2), sent).response).toMatchObject({ errorReason: "settlement_pending", transaction: "t" });
  const failed = resolved(asked(2), { ...sent, outcome: { success: false } });
  expect(failed.response).toMatchObject({ success: false, errorReason: "transaction_failed", transaction: "t" });
  const refused = refusal(asked(2), { reason: "no", payer: "p" }).response;
  expect(refused).toEqual({ success: false, errorReason: "no", transaction: "", network: SOLANA.caip2, payer: "p" });
  expect(otherTerms(asked(2), "p").response).toMatchObject({
    errorReason: "invalid_payment_requirements",
    transaction: "",
  });
});

it("says of one answer alone that another call is at the payment", () => {
  expect(duplicate(asked(2), "p")).toMatchObject({
    inFlight: true,
    response: { errorReason: "duplicate_settlement", transaction: "" },
  });
  expect(otherTerms(asked(2), "p").inFlight).toBe(false);
  expect(pending(asked(2), { transaction: "t", payer: "p" }).inFlight).toBe(false);
});
