import { address } from "@solana/kit";
import { findAssociatedTokenPda } from "@solana-program/token";
import { describe, expect, it } from "vitest";
import { tokenAccountOf } from "../../../src/integrations/x402/token-account.ts";
import { SOLANA, SOLANA_MERCHANT } from "./offers.ts";

const mint = SOLANA.tokens[0]?.address ?? "";

describe("tokenAccountOf", () => {
  it.each(["TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA", "TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb"])(
    "derives the account that clients pay to, under %s",
    async (tokenProgram) => {
      const seeds = { owner: address(SOLANA_MERCHANT), mint: address(mint), tokenProgram: address(tokenProgram) };
      const [expected] = await findAssociatedTokenPda(seeds);
      expect(tokenAccountOf({ owner: SOLANA_MERCHANT, mint, tokenProgram })).toBe(expected);
    },
  );

  it("knows none where an address is none", () => {
    expect(tokenAccountOf({ owner: "nobody", mint, tokenProgram: "" })).toBeNull();
  });
});
