import { describe, expect, it } from "vitest";
import { readPaymentObject, readPresentedPayment } from "../../../src/integrations/x402/payment-header.ts";
import { encodeWireObject } from "../../../src/integrations/x402/wire-object.ts";
import { codeOf } from "./code-of.ts";

const ACCEPTED = { scheme: "exact", network: "eip155:84532", amount: "100000", asset: "0xa", payTo: "0xb" };
const V2 = { x402Version: 2, accepted: ACCEPTED, payload: { signature: "0x" } };
const V1 = { x402Version: 1, scheme: "exact", network: "base-sepolia", payload: { signature: "0x" } };
const HASH = `0x${"Ab".repeat(32)}`;
const SIGNATURE = "5".repeat(88);

const text = (value: string) => Buffer.from(value, "utf8").toString("base64");
const pay2 = (value: unknown) => ({ "x-payment-authorization": `PAY2 ${text(JSON.stringify(value))}` });
const codeFor = (headers: Record<string, string | string[]>) => codeOf(() => readPresentedPayment(headers));

describe("readPresentedPayment", () => {
  it("finds no payment where there is none", () => {
    expect(readPresentedPayment({ host: "tollkeeper.example" })).toBeNull();
  });

  it("reads each dialect from its own header", () => {
    expect(readPresentedPayment({ "payment-signature": encodeWireObject(V2) })).toEqual({
      dialect: "v2",
      payload: V2,
      accepted: ACCEPTED,
      paymentIdentifier: null,
    });
    expect(readPresentedPayment({ "x-payment": encodeWireObject(V1) })).toEqual({
      dialect: "v1",
      payload: V1,
      network: "base-sepolia",
      scheme: "exact",
    });
    expect(readPresentedPayment(pay2({ signature: SIGNATURE }))).toEqual({
      dialect: "pay2",
      transaction: SIGNATURE,
      quoteId: null,
      proof: null,
    });
  });

  it("reads a bound PAY2, and an EVM hash in one spelling", () => {
    expect(readPresentedPayment(pay2({ signature: HASH, quoteId: "quo_1", proof: "qs_1" }))).toEqual({
      dialect: "pay2",
      transaction: HASH.toLowerCase(),
      quoteId: "quo_1",
      proof: "qs_1",
    });
  });

  it("takes base64 without its padding", () => {
    const unpadded = encodeWireObject(V1).replace(/=+$/, "");
    expect(readPresentedPayment({ "x-payment": unpadded })).toMatchObject({ dialect: "v1" });
  });

  it("refuses two payments in one request, whichever they are", () => {
    const [v2, v1] = [encodeWireObject(V2), encodeWireObject(V1)];
    const bare = pay2({ signature: SIGNATURE });
    for (const headers of [
      { "payment-signature": v2, "x-payment": v1 },
      { "x-payment": v1, ...bare },
      { "payment-signature": v2, ...bare },
      { "payment-signature": v2, "x-payment": v1, ...bare },
      { "x-payment": "", "payment-signature": v2 },
      { "x-payment": `${v1}, ${v1}` },
      { "payment-signature": [v2, v2] },
      { "x-payment-authorization": `${bare["x-payment-authorization"]}, ${bare["x-payment-authorization"]}` },
    ]) {
      expect(codeFor(headers)).toBe("several_payment_headers");
    }
  });

  it("refuses a version that is not its header's", () => {
    expect(codeFor({ "payment-signature": encodeWireObject(V1) })).toBe("x402_version_mismatch");
    expect(codeFor({ "x-payment": encodeWireObject(V2) })).toBe("x402_version_mismatch");
    expect(codeFor({ "x-payment": encodeWireObject({ ...V1, x402Version: "1" }) })).toBe("x402_version_mismatch");
    expect(codeFor({ "x-payment": encodeWireObject({ payload: {} }) })).toBe("x402_version_mismatch");
    expect(codeOf(() => readPaymentObject(2, V1))).toBe("x402_version_mismatch");
  });

  it.each([
    ["nothing", ""],
    ["blanks", "   "],
    ["no base64", "{}"],
    ["base64 with a line break", `${encodeWireObject(V1).slice(0, 8)}\n${encodeWireObject(V1).slice(8)}`],
    ["the URL alphabet", "eyJ4NDAyVmVyc2lvbiI6MX0_-_"],
    ["a second spelling of the same bytes", "eyJhIjoxfR=="],
    ["no JSON", text("no json")],
    ["a list", text("[]")],
    ["a number", text("1")],
    ["null", text("null")],
    ["bytes that are no UTF-8", Buffer.from([0x7b, 0xff, 0x7d]).toString("base64")],
    ["a member twice", text('{"x402Version":1,"x402Version":1}')],
    ["a prototype", text('{"x402Version":1,"__proto__":{"payload":{}},"network":"base","scheme":"exact"}')],
    ["deep nesting", text(`${'{"a":'.repeat(100)}1${"}".repeat(100)}`)],
    ["a number beyond a double", text('{"x402Version":1e400}')],
    ["too much", "e30=".repeat(5_000)],
    ["no payload", encodeWireObject({ x402Version: 1, scheme: "exact", network: "base" })],
    ["a payload that is a list", encodeWireObject({ ...V1, payload: [] })],
    ["no network", encodeWireObject({ x402Version: 1, scheme: "exact", payload: {} })],
    ["no scheme", encodeWireObject({ x402Version: 1, network: "base", payload: {} })],
  ])("refuses an X-PAYMENT of %s", (_what, value) => {
    expect(codeFor({ "x-payment": value })).toBe("payment_header_malformed");
  });

  it("refuses a v2 payment without the terms it chose", () => {
    const { accepted: _accepted, ...without } = V2;
    expect(codeFor({ "payment-signature": encodeWireObject(without) })).toBe("payment_header_malformed");
    for (const member of Object.keys(ACCEPTED)) {
      const accepted = { ...ACCEPTED, [member]: 1 };
      expect(codeFor({ "payment-signature": encodeWireObject({ ...V2, accepted }) })).toBe("payment_header_malformed");
    }
  });

  it("never takes an inherited member for one that was sent", () => {
    const polluted: unknown = JSON.parse('{"constructor":{"payload":{}}}');
    expect(codeFor({ "x-payment": text(JSON.stringify(polluted)) })).toBe("x402_version_mismatch");
    expect(codeFor(pay2({ toString: "x" }))).toBe("payment_header_malformed");
  });

  it.each([
    ["another scheme", `PAY3 ${text("{}")}`],
    ["no value", "PAY2"],
    ["lower case", `pay2 ${text(JSON.stringify({ signature: SIGNATURE }))}`],
    ["more words", `PAY2 ${text(JSON.stringify({ signature: SIGNATURE }))} again`],
    ["no signature", `PAY2 ${text("{}")}`],
    ["a short signature", `PAY2 ${text(JSON.stringify({ signature: "5555" }))}`],
    ["a hash that is none", `PAY2 ${text(JSON.stringify({ signature: "0x12" }))}`],
    ["letters base 58 lacks", `PAY2 ${text(JSON.stringify({ signature: "0".repeat(88) }))}`],
    ["a quote that is none", `PAY2 ${text(JSON.stringify({ signature: SIGNATURE, quoteId: "a b" }))}`],
    ["a quote that is a number", `PAY2 ${text(JSON.stringify({ signature: SIGNATURE, quoteId: 1 }))}`],
    ["a proof with control characters", `PAY2 ${text(JSON.stringify({ signature: SIGNATURE, proof: "a\u0000" }))}`],
    ["an endless proof", `PAY2 ${text(JSON.stringify({ signature: SIGNATURE, proof: "a".repeat(600) }))}`],
  ])("refuses a PAY2 with %s", (_what, value) => {
    expect(codeFor({ "x-payment-authorization": value })).toBe("payment_header_malformed");
  });
});
