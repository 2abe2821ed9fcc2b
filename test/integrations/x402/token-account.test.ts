import { describe, expect, it } from "vitest";
import { tokenAccountOf } from "../../../src/integrations/x402/token-account.ts";
import { SOLANA, SOLANA_MERCHANT } from "./offers.ts";

const mint = SOLANA.tokens[0]?.address ?? "";

describe("tokenAccountOf", () => {
  // Expected: as findAssociatedTokenPda of @solana-program/token 0.9 derives them, which clients use.
  it.each([
    ["TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA", "HwpBSwuyVKJi7d9kqqNexc54MS9i4BEDKDVDLeUVjZm8"],
    ["TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb", "4pBVkj9faUCfkHwLnZ6CHNKfbMuBTBrwiKqVZJmurE9E"],
  ])("derives the account that clients pay to, under %s", (tokenProgram, account) => {
    expect(tokenAccountOf({ owner: SOLANA_MERCHANT, mint, tokenProgram })).toBe(account);
  });

  it("knows none where an address is none", () => {
    expect(tokenAccountOf({ owner: "nobody", mint, tokenProgram: "" })).toBeNull();
  });
});
