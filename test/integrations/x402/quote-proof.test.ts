import { generateKeyPairSync, sign } from "node:crypto";
import { Wallet } from "ethers";
import { describe, expect, it } from "vitest";
import { encodeBase58 } from "../../../src/integrations/chains/solana/base58.ts";
import { isSignedByPayer } from "../../../src/integrations/x402/quote-proof.ts";

const quoteId = "qte_0123";

describe("a payer's signature over a quote", () => {
  it("is taken from an EVM wallet for the very quote, from nobody else and for no other", async () => {
    const wallet = Wallet.createRandom();
    const signature = await wallet.signMessage(quoteId);
    expect(isSignedByPayer({ payer: wallet.address, quoteId, signature })).toBe(true);
    expect(isSignedByPayer({ payer: wallet.address, quoteId: "qte_0124", signature })).toBe(false);
    expect(isSignedByPayer({ payer: Wallet.createRandom().address, quoteId, signature })).toBe(false);
  });

  it("is taken from a Solana wallet, and garbage is no signature of any", () => {
    const { privateKey, publicKey } = generateKeyPairSync("ed25519");
    const { x = "" } = publicKey.export({ format: "jwk" });
    const payer = encodeBase58(Buffer.from(x, "base64url"));
    const signature = sign(null, Buffer.from(quoteId, "utf8"), privateKey).toString("base64");
    expect(isSignedByPayer({ payer, quoteId, signature })).toBe(true);
    expect(isSignedByPayer({ payer, quoteId: "qte_0124", signature })).toBe(false);
    for (const garbage of ["", "0x", "AAAA", `AAAA${signature}`]) {
      expect(isSignedByPayer({ payer, quoteId, signature: garbage })).toBe(false);
      expect(isSignedByPayer({ payer: Wallet.createRandom().address, quoteId, signature: garbage })).toBe(false);
    }
  });
});
