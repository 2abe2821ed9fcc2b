import { describe, expect, it } from "vitest";
import { readPaymentCall } from "../../../../src/integrations/x402/own-facilitator/payment-call.ts";
import { BASE_SEPOLIA, SOLANA } from "../offers.ts";

const networks = [SOLANA, BASE_SEPOLIA];
const asset = SOLANA.tokens[0]?.address ?? "";
const terms = { scheme: "exact", network: SOLANA.caip2, asset, amount: "5", payTo: "merchant", maxTimeoutSeconds: 60 };
const second = (changes: object = {}, paid: object = {}) =>
  readPaymentCall(networks, {
    x402Version: 2,
    paymentRequirements: { ...terms, ...changes },
    paymentPayload: { accepted: { scheme: "exact", network: SOLANA.caip2 }, payload: { transaction: "AA" }, ...paid },
  });

describe("readPaymentCall", () => {
  it("puts version 1 into the form of version 2", () => {
    const { amount, ...rest } = terms;
    const read = readPaymentCall(networks, {
      x402Version: 1,
      paymentRequirements: { ...rest, network: "solana-devnet", maxAmountRequired: amount, resource: "x" },
      paymentPayload: { x402Version: 1, scheme: "exact", network: "solana-devnet", payload: { transaction: "AA" } },
    });
    expect(read).toEqual(second());
    expect(read).toMatchObject({ network: { id: SOLANA.id }, call: { requirements: { amount: "5", extra: {} } } });
  });

  it("leaves it to the checks to see a payment that names another network than its terms", () => {
    const other = second({}, { accepted: { scheme: "exact", network: "eip155:84532" } });
    expect(other).toMatchObject({ call: { payload: { accepted: { network: "eip155:84532" } } } });
  });

  it.each([
    ["an unknown network", { network: "solana:elsewhere" }, {}, "invalid_network"],
    ["an unknown token", { asset: "merchant" }, {}, "invalid_payment_requirements"],
    ["an amount that is none", { amount: "0x5" }, {}, "invalid_payment_requirements"],
    ["a receiver that no database keeps", { payTo: "\u0000" }, {}, "invalid_payment_requirements"],
    ["a receiver that is no address", { payTo: "to whom it may concern" }, {}, "invalid_payment_requirements"],
    ["a negative time", { maxTimeoutSeconds: -1 }, {}, "invalid_payment_requirements"],
    ["no payload", {}, { payload: "AA" }, "invalid_payload"],
  ])("refuses %s", (_name, changes, paid, reason) => {
    expect(second(changes, paid)).toMatchObject({ reason });
  });
});
