import { describe, expect, it } from "vitest";
import type { WireObject } from "../../../src/integrations/x402/facilitator.ts";
import type { PresentedPayment, SignedPayment } from "../../../src/integrations/x402/payment.ts";
import { facilitatorCall, isOfferOf, readQuoteSecret, shorten } from "../../../src/integrations/x402/requirements.ts";
import { readSignedPayment } from "../../../src/integrations/x402/signed-payment.ts";
import { decodeWireObject } from "../../../src/integrations/x402/wire-object.ts";
import recorded from "./fixtures/x402-fetch-1.2.0.json" with { type: "json" };
import {
  BASE_SEPOLIA,
  FEE_PAYER,
  NAMELESS,
  optionFor,
  QUOTE_ID,
  QUOTE_SECRET,
  RESOURCE_URL,
  SOLANA,
} from "./offers.ts";

const solana = optionFor(SOLANA);
const evm = optionFor(BASE_SEPOLIA);

describe("paymentRequirements", () => {
  it("offers Solana with the quote as memo, and its secret only to v2", () => {
    expect(solana.requirements).toEqual({
      scheme: "exact",
      network: "solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1",
      asset: SOLANA.tokens[0]?.address,
      amount: "100000",
      payTo: solana.payTo,
      maxTimeoutSeconds: 120,
      extra: { feePayer: FEE_PAYER, memo: QUOTE_ID, quote: QUOTE_SECRET },
    });
    expect(solana.requirementsV1).toEqual({
      scheme: "exact",
      network: "solana-devnet",
      asset: SOLANA.tokens[0]?.address,
      maxAmountRequired: "100000",
      payTo: solana.payTo,
      resource: RESOURCE_URL,
      description: "10 minutes of GPU 1",
      mimeType: "application/json",
      maxTimeoutSeconds: 120,
      extra: { feePayer: FEE_PAYER, memo: QUOTE_ID },
    });
  });

  it("offers EVM with the token's signing domain", () => {
    expect(evm.requirements.extra).toEqual({ name: "USDC", version: "2", quote: QUOTE_SECRET });
    expect(evm.requirementsV1?.extra).toEqual({ name: "USDC", version: "2" });
  });

  it("has no v1 entry where version 1 has no name for the network", () => {
    expect(optionFor(NAMELESS).requirementsV1).toBeNull();
  });

  it("never puts null into what legacy clients parse", () => {
    expect(JSON.stringify([solana.requirementsV1, evm.requirementsV1])).not.toContain("null");
  });
});

describe("shorten", () => {
  it("keeps a description within a header, whole characters and one line", () => {
    expect(shorten("GPU 1")).toBe("GPU 1");
    expect(shorten("a\r\nb")).toBe("a b");
    expect(Array.from(shorten("🖨".repeat(2_000)))).toHaveLength(160);
    expect(shorten("🖨".repeat(2_000))).not.toContain("\ufffd");
  });
});

describe("isOfferOf", () => {
  const echo = (over: WireObject, extra: WireObject = {}): WireObject => {
    const before: WireObject = JSON.parse(JSON.stringify(solana.requirements.extra));
    return { ...solana.requirements, extra: { ...before, ...extra }, ...over };
  };

  it("takes the terms as they were offered, and what a client adds to extra", () => {
    expect(isOfferOf(echo({}), solana)).toBe(true);
    expect(isOfferOf(echo({}, { recentBlockhash: "GfVc", client: { name: "x" } }), solana)).toBe(true);
  });

  it.each([
    ["another amount", echo({ amount: "1" })],
    ["an amount as a number", echo({ amount: 100_000 })],
    ["another receiver", echo({ payTo: FEE_PAYER })],
    ["another asset", echo({ asset: FEE_PAYER })],
    ["another network", echo({ network: "solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp" })],
    ["another scheme", echo({ scheme: "upto" })],
    ["a longer time", echo({ maxTimeoutSeconds: 86_400 })],
    ["another memo", echo({}, { memo: "quo_2" })],
    ["another fee payer", echo({}, { feePayer: solana.payTo })],
    ["another quote's secret", echo({}, { quote: "qs_other" })],
    ["no extra", { ...solana.requirements, extra: {} }],
    ["an extra that is no object", echo({ extra: "x" })],
    ["nothing", {}],
    ["another option of the same quote", evm.requirements],
  ])("refuses %s", (_what, accepted) => {
    expect(isOfferOf(accepted, solana)).toBe(false);
  });
});

describe("readQuoteSecret", () => {
  it("finds the secret a v2 client echoed, and none elsewhere", () => {
    expect(readQuoteSecret(solana.requirements)).toBe(QUOTE_SECRET);
    for (const accepted of [{}, { extra: null }, { extra: {} }, { extra: { quote: 1 } }]) {
      expect(readQuoteSecret(accepted)).toBeNull();
    }
  });
});

describe("facilitatorCall", () => {
  const payload = decodeWireObject("X-PAYMENT", recorded.solana.xPayment);
  const signed = readSignedPayment({ network: SOLANA, x402Version: 1, payload });
  const v1: PresentedPayment = { dialect: "v1", payload, network: "solana-devnet", scheme: "exact" };
  const withMemo: SignedPayment = { ...signed, memo: QUOTE_ID };

  it("tells no facilitator the quote's secret or the payment's own name", () => {
    const bazaar = { info: { discoverable: true } };
    const extensions = { bazaar, "payment-identifier": { info: { id: "pay_0123456789abcdef" } } };
    const accepted = solana.requirements;
    const whole: WireObject = { x402Version: 2, accepted, payload: { transaction: "AA==" }, extensions };
    const presented: PresentedPayment = { dialect: "v2", payload: whole, accepted, paymentIdentifier: null };
    const call = facilitatorCall({ presented, signed: withMemo, option: solana });
    const text = JSON.stringify(call);
    expect(text).not.toContain(QUOTE_SECRET);
    expect(text).not.toContain("pay_0123456789abcdef");
    expect(call?.paymentRequirements.extra).toEqual({ feePayer: FEE_PAYER, memo: QUOTE_ID });
    expect(call?.paymentPayload).toMatchObject({ payload: { transaction: "AA==" }, extensions: { bazaar } });
    expect(call?.paymentPayload.accepted).toEqual(call?.paymentRequirements);
  });

  it("asks about the oldest clients' payments without the memo they do not know", () => {
    const call = facilitatorCall({ presented: v1, signed, option: solana });
    expect(call).toMatchObject({ x402Version: 1, paymentPayload: payload });
    expect(call?.paymentRequirements.extra).toEqual({ feePayer: FEE_PAYER });
    const bound = facilitatorCall({ presented: v1, signed: withMemo, option: solana });
    expect(bound?.paymentRequirements).toEqual(solana.requirementsV1);
  });

  it("has nothing to ask where the version was not offered, or the payer paid himself", () => {
    expect(facilitatorCall({ presented: v1, signed, option: optionFor(NAMELESS) })).toBeNull();
    const pay2: PresentedPayment = { dialect: "pay2", transaction: "x", quoteId: null, proof: null };
    expect(facilitatorCall({ presented: pay2, signed, option: solana })).toBeNull();
  });
});
