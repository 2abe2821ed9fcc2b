import { expect, it } from "vitest";
import {
  readTokenHolding,
  tokenAccountOf,
  whyNotWallet,
} from "../../../../src/integrations/chains/solana/token-accounts.ts";

const MINT = "4zMMC9srt5Ri5X14GAgXhaHii3GnPAEERYPJgZJDncDU";
const WALLET = "HAgk14JpMQLgt6rVgv7cBQFJWFto5Dqxi472uT3DKpqk";

it("takes a wallet's address", () => {
  expect(whyNotWallet(WALLET)).toBeUndefined();
});

it("C18: refuses a token account, which is off the curve and nobody's wallet", () => {
  expect(whyNotWallet(tokenAccountOf({ owner: WALLET, mint: MINT }))).toMatch(/off the curve/);
});

it("C18: refuses look-alike letters and cut addresses", () => {
  expect(whyNotWallet(WALLET.replace("H", "Н"))).toMatch(/characters/);
  expect(whyNotWallet(WALLET.replace("1", "l"))).toMatch(/characters/);
  expect(whyNotWallet(WALLET.slice(1))).toMatch(/bytes long|off the curve/);
  expect(whyNotWallet("")).toMatch(/0 bytes/);
  expect(whyNotWallet("0x5FbDB2315678afecb367f032d93F642f64180aa3")).toMatch(/characters/);
});

it("reads nothing from what is no token account", () => {
  expect(readTokenHolding(Buffer.alloc(82))).toBeUndefined();
});
