import { PublicKey } from "@solana/web3.js";
import fc from "fast-check";
import { expect, it } from "vitest";
import { decodeBase58, encodeBase58 } from "../../../../src/integrations/chains/solana/base58.ts";

it("writes what it reads, whatever the bytes, zeros in front included", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
      expect(decodeBase58(encodeBase58(bytes))).toEqual(bytes);
    }),
  );
});

it("writes addresses as Solana does", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (bytes) => {
      expect(encodeBase58(bytes)).toBe(new PublicKey(bytes).toBase58());
    }),
  );
});

it("C18: refuses the letters that look alike", () => {
  for (const letter of ["0", "O", "I", "l", "а", " "]) expect(decodeBase58(`abc${letter}`)).toBeUndefined();
});
