import { HDNodeWallet } from "ethers";
import { describe, expect, it } from "vitest";
import { openKeyRing } from "../../../../src/integrations/chains/evm/key-ring.ts";

// The public development phrase; addresses computed with two independent wallets (facts of the reference implementations).
const PHRASE = "test test test test test test test test test test test junk";
const XPUB =
  "xpub6Ce9NcJvTk36xtLSrJLZqE7wtgA5deCeYs7rSQtreh4cj6ByPtrg9sD7V2FNFLPnf8heNP3FGkeV9qwfzvZNSd54JoNXVsXFYSYwHsnJxqP";

describe("an EVM key ring", () => {
  it("derives the addresses every other BIP-44 wallet derives", () => {
    const ring = openKeyRing(XPUB);
    expect(ring.deriveAddress(0)).toBe("0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266");
    expect(ring.deriveAddress(1)).toBe("0x70997970C51812dc3A010C7d01b50e0d17dc79C8");
  });

  it("never hands out the address of a compressed public key, which no private key opens", () => {
    expect(openKeyRing(XPUB).deriveAddress(0)).not.toBe("0xEaCF6fb616c3Aab1Ae881311f7636a2B510934F6");
  });

  it("gives another ring to another mnemonic and the same ring to the same", () => {
    const other = HDNodeWallet.fromPhrase(
      "legal winner thank year wave sausage worth useful legal winner thank yellow",
      "",
      "m/44'/60'/0'",
    );
    expect(openKeyRing(other.neuter().extendedKey).id).not.toBe(openKeyRing(XPUB).id);
    expect(openKeyRing(XPUB).id).toBe(openKeyRing(XPUB).id);
  });

  it("refuses a private key, another level of the tree and garbage, without repeating them", () => {
    const account = HDNodeWallet.fromPhrase(PHRASE, "", "m/44'/60'/0'");
    const refused = [account.extendedKey, account.deriveChild(0).neuter().extendedKey, "xpub", "", `${XPUB}x`];
    for (const value of refused) {
      expect(() => openKeyRing(value)).toThrow(
        /^The deposit xpub is not an account-level extended public key \(xpub\.\.\.\)\.$/,
      );
    }
  });
});
