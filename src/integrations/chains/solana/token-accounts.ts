import { PublicKey } from "@solana/web3.js";
import { decodeBase58 } from "./base58.ts";

/** The SPL token program. Token-2022 has another one, and its mints may take fees or freeze what arrived: they are refused. */
export const TOKEN_PROGRAM = new PublicKey("TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA");

/** The program that makes a wallet's one token account per mint, at an address that follows from both. */
export const ASSOCIATED_TOKEN_PROGRAM = new PublicKey("ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL");

/** Where a wallet holds a token: its associated token account. Both in base 58. Throws a plain error for what is no address. */
export function tokenAccountOf(holding: { readonly owner: string; readonly mint: string }): string {
  const owner = new PublicKey(holding.owner);
  const seeds = [owner.toBuffer(), TOKEN_PROGRAM.toBuffer(), new PublicKey(holding.mint).toBuffer()];
  const [account] = PublicKey.findProgramAddressSync(seeds, ASSOCIATED_TOKEN_PROGRAM);
  return account.toBase58();
}

/**
 * Why a text cannot be the wallet that tokens are sent to, or undefined when it can: it must be 32 bytes in base 58 and on the curve.
 * An address off the curve is a program's (a token account, for one): nobody's key opens what is sent there. Base 58 has no checksum,
 * so a mistyped letter often is a valid address of nobody; look-alikes (0, O, I, l and letters of other scripts) are refused.
 */
export function whyNotWallet(address: string): string | undefined {
  const bytes = decodeBase58(address);
  if (bytes === undefined) return "it has characters that base 58 does not use";
  if (bytes.length !== 32) return `it is ${bytes.length} bytes long, not 32`;
  if (!PublicKey.isOnCurve(bytes))
    return "it is off the curve: a program's address, such as a token account, and no wallet";
  return undefined;
}

/** Whether an address in base 58 is a point of the curve, so that somebody can hold its key. Throws a plain error for what is no address. */
export function isOnCurve(address: string): boolean {
  return PublicKey.isOnCurve(new PublicKey(address).toBytes());
}

/** What a token account holds, read from its 165 bytes. Source: the SPL token program's account layout. */
export type TokenHolding = { readonly mint: string; readonly owner: string; readonly units: bigint };

/** Reads an account's data as a token account; undefined when it is too short to be one. */
export function readTokenHolding(data: Buffer): TokenHolding | undefined {
  if (data.length < 165) return undefined;
  return {
    mint: new PublicKey(data.subarray(0, 32)).toBase58(),
    owner: new PublicKey(data.subarray(32, 64)).toBase58(),
    units: data.readBigUInt64LE(64),
  };
}
