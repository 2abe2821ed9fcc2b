import { HDNodeWallet } from "ethers";
import { describe, expect, it } from "vitest";
import { createKeystore } from "../../../../src/integrations/chains/evm/create-keystore.ts";
import { keyRingId, openKeyRing } from "../../../../src/integrations/chains/evm/key-ring.ts";
import { openKeystoreSigner } from "../../../../src/integrations/chains/evm/keystore-signer.ts";

const PHRASE = "legal winner thank year wave sausage worth useful legal winner thank yellow";
const PASSWORD = "twelve characters and more";
const create = (mnemonic?: string) =>
  createKeystore({ password: PASSWORD, strength: "light", ...(mnemonic === undefined ? {} : { mnemonic }) });

describe("making a keystore", () => {
  it("gives the public values the signer will have", async () => {
    const made = await create();
    const signer = await openKeystoreSigner({ keystoreJson: made.keystoreJson, password: PASSWORD, networks: [] });
    expect(signer.vendorWallet).toBe(made.vendorWalletAddress);
    expect(signer.keyRingId).toBe(made.keyRingId);
    expect(keyRingId(made.depositXpub)).toBe(made.keyRingId);
  });

  it("gives the addresses of the given phrase", async () => {
    const { depositXpub } = await create(PHRASE);
    expect(openKeyRing(depositXpub).deriveAddress(3)).toBe(
      HDNodeWallet.fromPhrase(PHRASE, "", "m/44'/60'/0'/0/3").address,
    );
  });

  it("makes another 24 words every time", async () => {
    const [first, second] = [await create(), await create()];
    expect(first.mnemonic.split(" ")).toHaveLength(24);
    expect(first.mnemonic).not.toBe(second.mnemonic);
  });

  it("keeps words, entropy and keys out of the file", async () => {
    const { keystoreJson } = await create(PHRASE);
    const wallet = HDNodeWallet.fromPhrase(PHRASE, "", "m/44'/60'/1'/0/0");
    const secrets = ["legal", wallet.privateKey.slice(2), wallet.mnemonic?.entropy.slice(2) ?? "none", PASSWORD];
    for (const secret of secrets) expect(keystoreJson.toLowerCase()).not.toContain(secret);
  });

  it("refuses a short password and words that are no phrase, without repeating them", async () => {
    await expect(createKeystore({ password: "elevenchars" })).rejects.toThrow(
      /^The keystore's password must have at least 12 characters\.$/,
    );
    await expect(create("legal winner legal winner")).rejects.toThrow(/^The mnemonic is not a valid BIP-39 phrase\.$/);
  });
});
