import {
  declarePaymentIdentifierExtension,
  extractPaymentIdentifier,
  generatePaymentId,
  isPaymentIdentifierExtension,
} from "@x402/extensions/payment-identifier";
import { describe, expect, it } from "vitest";
import { offerPaymentIdentifier, readPaymentIdentifier } from "../../../src/integrations/x402/payment-identifier.ts";
import { codeOf } from "./code-of.ts";

const paymentWith = (info: unknown) =>
  JSON.parse(JSON.stringify({ x402Version: 2, extensions: { "payment-identifier": { info } } }));

describe("offerPaymentIdentifier", () => {
  it("is what the extension's own package takes for its declaration", () => {
    const offered = offerPaymentIdentifier()["payment-identifier"];
    expect(isPaymentIdentifierExtension(offered)).toBe(true);
    expect(offered).toMatchObject({ info: declarePaymentIdentifierExtension(false).info });
  });
});

describe("readPaymentIdentifier", () => {
  it("reads what the package's clients make", () => {
    const id = generatePaymentId();
    const payment = paymentWith({ required: false, id });
    expect(readPaymentIdentifier(payment)).toBe(id);
    expect(extractPaymentIdentifier(payment)).toBe(id);
  });

  it("finds none where the client named none", () => {
    expect(readPaymentIdentifier({ x402Version: 2 })).toBeNull();
    expect(readPaymentIdentifier({ x402Version: 2, extensions: {} })).toBeNull();
    expect(readPaymentIdentifier(paymentWith({ required: false }))).toBeNull();
  });

  it.each([
    ["15 characters", "a".repeat(15)],
    ["129 characters", "a".repeat(129)],
    ["other characters", "abcdefghijklmnop!"],
    ["a number", 1234567890123456],
    ["null", null],
    ["a list", ["abcdefghijklmnopq"]],
  ])("refuses %s", (_what, id) => {
    expect(codeOf(() => readPaymentIdentifier(paymentWith({ required: false, id })))).toBe(
      "payment_identifier_invalid",
    );
  });

  it("takes both ends of the range", () => {
    for (const length of [16, 128]) {
      expect(readPaymentIdentifier(paymentWith({ id: "a".repeat(length) }))).toHaveLength(length);
    }
  });
});
