import { inspect } from "node:util";
import { PublicKey, Transaction } from "@solana/web3.js";
import { beforeAll, describe, expect, it } from "vitest";
import type { SponsoredTransfer } from "../../../../src/integrations/chains/chain.ts";
import { createKeystore } from "../../../../src/integrations/chains/evm/create-keystore.ts";
import { decodeBase58 } from "../../../../src/integrations/chains/solana/base58.ts";
import { openSolanaKeys, type SolanaKeys } from "../../../../src/integrations/chains/solana/keystore-signer.ts";
import { solanaNetwork } from "../../../../src/integrations/chains/solana/networks.ts";
import { nanodollars } from "../../../../src/money/nanodollars.ts";

const PHRASE = "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about";
const STRANGER = "De7tDownbYtPci9gzLzjNoGai6mTSmXZBbaLxKqwRVD9";
const password = "only for tests, twelve and more";
const network = solanaNetwork({ cluster: "devnet", shortName: "solana", nativePrice: nanodollars(1n) });
const mint = network.tokens[0]?.address ?? "";

let keystoreJson: string;
let keys: SolanaKeys;
let transfer: SponsoredTransfer;

beforeAll(async () => {
  ({ keystoreJson } = await createKeystore({ mnemonic: PHRASE, password, strength: "light" }));
  keys = await openSolanaKeys({ keystoreJson, password, network });
  transfer = {
    kind: "sponsored_transfer",
    mint,
    decimals: 6,
    from: keys.keyRing.deriveAddress(7),
    to: keys.signer.treasury,
    amountUnits: "5000000",
    blockhash: "EtWTRABZaYq6iMfeYKouRu166VU2xqa1wcaWoxPkrZBG",
    lastValidBlockHeight: 100,
    createsAccount: false,
  };
});

const sign = (change: Partial<SponsoredTransfer> = {}, key = { keyRingId: keys.keyRing.id, index: 7 }) =>
  keys.signer.signSponsoredTransfer?.(key, { ...transfer, ...change }) ?? Promise.reject(new Error("no signer"));

describe("Solana's keys", () => {
  it("are those every wallet makes of the phrase", () => {
    // The first account that Phantom and the Solana CLI show for this phrase.
    expect(keys.keyRing.deriveAddress(0)).toBe("HAgk14JpMQLgt6rVgv7cBQFJWFto5Dqxi472uT3DKpqk");
  });

  it("sign with both keys, the same bytes each time, under the name the chain will give it", async () => {
    const [one, two] = [await sign(), await sign()];
    expect(one).toEqual(two);
    const transaction = Transaction.from(Buffer.from(one.raw, "base64"));
    expect(transaction.verifySignatures()).toBe(true);
    expect(transaction.signatures.map(({ publicKey }) => publicKey.toBase58())).toEqual([
      keys.signer.vendorWallet,
      transfer.from,
    ]);
    expect(transaction.signature).toEqual(Buffer.from(decodeBase58(one.hash) ?? []));
  });

  it("keep the gas tank's key apart from every deposit key", () => {
    const first = Array.from({ length: 20 }, (_, index) => keys.keyRing.deriveAddress(index));
    expect(first).not.toContain(keys.signer.vendorWallet);
  });

  it.each([
    ["somebody else's wallet", { to: STRANGER }],
    ["a token that is not listed", { mint: STRANGER }],
    ["another number of decimals", { decimals: 9 }],
    ["a deposit address of another index", { from: STRANGER }],
  ])("never sign for %s", async (_, change) => {
    await expect(sign(change)).rejects.toMatchObject({ code: "destination_refused" });
  });

  it("never sign for another mnemonic's address, nor anything of another kind", async () => {
    await expect(sign({}, { keyRingId: "kr_other", index: 7 })).rejects.toMatchObject({ code: "key_ring_not_loaded" });
    const other: unknown = Reflect.apply(keys.signer.signTransaction, keys.signer, [{}, 0]);
    await expect(other).rejects.toMatchObject({ code: "destination_refused" });
  });

  it("are never shown", () => {
    for (const text of [inspect(keys, { depth: 9, showHidden: true }), JSON.stringify(keys)]) {
      expect(text).not.toMatch(/abandon|secret|seed|privateKey/i);
      expect(text.length).toBeLessThan(2_000);
    }
  });

  it("do not open with another password", async () => {
    const wrong = openSolanaKeys({ keystoreJson, password: "another password", network });
    await expect(wrong).rejects.toMatchObject({ code: "keystore_unreadable" });
    expect(() => new PublicKey(keys.signer.treasury)).not.toThrow();
  });
});
