import { PublicKey } from "@solana/web3.js";

const ASSOCIATED_TOKEN_PROGRAM = new PublicKey("ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL");

/** Where a wallet holds a token on Solana. Null when one of the three is no address. Source: SPL Associated Token Account. */
export function tokenAccountOf(of: {
  readonly owner: string;
  readonly mint: string;
  readonly tokenProgram: string;
}): string | null {
  try {
    const seeds = [of.owner, of.tokenProgram, of.mint].map((address) => new PublicKey(address).toBytes());
    return PublicKey.findProgramAddressSync(seeds, ASSOCIATED_TOKEN_PROGRAM)[0].toBase58();
  } catch {
    return null;
  }
}
