import { ComputeBudgetProgram } from "@solana/web3.js";
import { expect, it } from "vitest";
import { buildSponsoredTransfer } from "../../../../src/integrations/chains/solana/sponsored-transfer.ts";
import {
  ASSOCIATED_TOKEN_PROGRAM,
  TOKEN_PROGRAM,
  tokenAccountOf,
} from "../../../../src/integrations/chains/solana/token-accounts.ts";

const MINT = "4zMMC9srt5Ri5X14GAgXhaHii3GnPAEERYPJgZJDncDU";
const VENDOR = "HAgk14JpMQLgt6rVgv7cBQFJWFto5Dqxi472uT3DKpqk";
const OWNER = "De7tDownbYtPci9gzLzjNoGai6mTSmXZBbaLxKqwRVD9";
const transfer = {
  kind: "sponsored_transfer",
  mint: MINT,
  decimals: 6,
  from: OWNER,
  to: VENDOR,
  amountUnits: "18446744073709551615",
  blockhash: MINT,
  lastValidBlockHeight: 150,
} as const;

it("is a small budget, the account where it is missing, and one checked transfer between token accounts", () => {
  const programs = (createsAccount: boolean) =>
    buildSponsoredTransfer({ ...transfer, createsAccount }, VENDOR).instructions.map(({ programId }) => programId);
  const budget = [ComputeBudgetProgram.programId, ComputeBudgetProgram.programId];
  expect(programs(false)).toEqual([...budget, TOKEN_PROGRAM]);
  expect(programs(true)).toEqual([...budget, ASSOCIATED_TOKEN_PROGRAM, TOKEN_PROGRAM]);
});

it("moves exactly the amount, with the vendor as fee payer and the owner as the only other signer", () => {
  const transaction = buildSponsoredTransfer({ ...transfer, createsAccount: true }, VENDOR);
  const last = transaction.instructions.at(-1);
  expect(last?.data.readBigUInt64LE(1)).toBe(2n ** 64n - 1n);
  expect([last?.data[0], last?.data[9]]).toEqual([12, 6]);
  expect(last?.keys.map(({ pubkey }) => pubkey.toBase58())).toEqual([
    tokenAccountOf({ owner: OWNER, mint: MINT }),
    MINT,
    tokenAccountOf({ owner: VENDOR, mint: MINT }),
    OWNER,
  ]);
  const message = transaction.compileMessage();
  expect(message.accountKeys.slice(0, message.header.numRequiredSignatures).map((key) => key.toBase58())).toEqual([
    VENDOR,
    OWNER,
  ]);
});
