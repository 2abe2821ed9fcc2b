import { createKeyPairFromPrivateKeyBytes, getAddressFromPublicKey, signBytes } from "@solana/kit";
import { describe, expect, it } from "vitest";
import { isSolanaSignature } from "../../../src/integrations/x402/solana-signature.ts";

const message = Buffer.from("qte_1", "utf8");

async function signed() {
  const { privateKey, publicKey } = await createKeyPairFromPrivateKeyBytes(new Uint8Array(32).fill(4));
  return {
    address: await getAddressFromPublicKey(publicKey),
    signature: await signBytes(privateKey, message),
    message,
  };
}

describe("isSolanaSignature", () => {
  it("knows a wallet's signature", async () => {
    expect(isSolanaSignature(await signed())).toBe(true);
  });

  it("knows no other's, over no other message, and none that is malformed", async () => {
    const good = await signed();
    const stranger = "9WzDXwBbmkg8ZTbNMqUxvQRAyrZzDsGYdLVL9zYtAWWM";
    for (const over of [
      { address: stranger },
      { address: "nobody" },
      { message: Buffer.from("qte_2", "utf8") },
      { signature: good.signature.slice(1) },
      { signature: new Uint8Array(64) },
    ]) {
      expect(isSolanaSignature({ ...good, ...over })).toBe(false);
    }
  });
});
