import { describe, expect, it } from "vitest";
import { signedTransferOf } from "../../../../../src/products/access/payments/settlement/signed-transfer.ts";

const nonce = `0x${"AB".repeat(32)}`;
const facts = { token: "0xToken", payer: "0xFrom", since: new Date(0) };

describe("what is looked for on the chain", () => {
  it("is the transaction that was signed on Solana", () => {
    const call = { paymentPayload: { x402Version: 2, payload: { transaction: "AQID" } } };
    expect(signedTransferOf(call, { ...facts, kind: "solana" })).toEqual({
      ...facts,
      kind: "solana",
      transaction: "AQID",
    });
  });

  it("is payer, nonce and validity of the authorization on EVM, however large or spelled", () => {
    const authorization = (validBefore: string) => ({
      paymentPayload: { payload: { authorization: { from: "0xfrom", validBefore, nonce } } },
    });
    const expected = { ...facts, kind: "evm", nonce: nonce.toLowerCase() };
    expect(signedTransferOf(authorization("0x10"), { ...facts, kind: "evm" })).toEqual({
      ...expected,
      validBefore: 16n,
    });
    const endless = (2n ** 256n - 1n).toString();
    expect(signedTransferOf(authorization(endless), { ...facts, kind: "evm" })).toMatchObject({
      validBefore: 2n ** 256n - 1n,
    });
  });

  it("is nothing for a payload that was never checked", () => {
    for (const kind of ["evm", "solana"] as const)
      expect(() => signedTransferOf({ paymentPayload: { payload: {} } }, { ...facts, kind })).toThrow();
  });
});
