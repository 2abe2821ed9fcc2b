import { ComputeBudgetProgram, PublicKey, SystemProgram, Transaction, TransactionInstruction } from "@solana/web3.js";
import type { SponsoredTransfer } from "../chain.ts";
import { ASSOCIATED_TOKEN_PROGRAM, TOKEN_PROGRAM, tokenAccountOf } from "./token-accounts.ts";

/** Enough for making a token account (about 25,000) and a checked transfer (6,500); what is not used costs next to nothing. */
const COMPUTE_UNITS = 60_000;

/** 600 lamports in all: a transaction without any priority waits behind everybody's when the cluster is busy. */
const PRICE_MICROLAMPORTS = 10_000;

const CREATE_IDEMPOTENT = 1;
const TRANSFER_CHECKED = 12;

/**
 * The transaction that moves tokens from a deposit address's token account to a wallet's, signed by the deposit key and paid for by
 * `feePayer`. With `createsAccount` it makes the wallet's token account first (its rent is the fee payer's). Not signed here. Pure.
 */
export function buildSponsoredTransfer(transfer: SponsoredTransfer, feePayer: string): Transaction {
  const { blockhash, lastValidBlockHeight } = transfer;
  const transaction = new Transaction({ feePayer: new PublicKey(feePayer), blockhash, lastValidBlockHeight });
  transaction.add(
    ComputeBudgetProgram.setComputeUnitLimit({ units: COMPUTE_UNITS }),
    ComputeBudgetProgram.setComputeUnitPrice({ microLamports: PRICE_MICROLAMPORTS }),
  );
  if (transfer.createsAccount) transaction.add(createTokenAccount(transfer, feePayer));
  return transaction.add(transferChecked(transfer));
}

function createTokenAccount({ to, mint }: SponsoredTransfer, payer: string): TransactionInstruction {
  const keys = [
    { pubkey: new PublicKey(payer), isSigner: true, isWritable: true },
    { pubkey: new PublicKey(tokenAccountOf({ owner: to, mint })), isSigner: false, isWritable: true },
    ...[new PublicKey(to), new PublicKey(mint), SystemProgram.programId, TOKEN_PROGRAM].map((pubkey) => ({
      pubkey,
      isSigner: false,
      isWritable: false,
    })),
  ];
  return new TransactionInstruction({
    programId: ASSOCIATED_TOKEN_PROGRAM,
    keys,
    data: Buffer.from([CREATE_IDEMPOTENT]),
  });
}

/** Checked: the program itself compares mint and decimals with what is written here. */
function transferChecked(transfer: SponsoredTransfer): TransactionInstruction {
  const { from, to, mint } = transfer;
  const data = Buffer.alloc(10);
  data.writeUInt8(TRANSFER_CHECKED, 0);
  data.writeBigUInt64LE(BigInt(transfer.amountUnits), 1);
  data.writeUInt8(transfer.decimals, 9);
  const keys = [
    { pubkey: new PublicKey(tokenAccountOf({ owner: from, mint })), isSigner: false, isWritable: true },
    { pubkey: new PublicKey(mint), isSigner: false, isWritable: false },
    { pubkey: new PublicKey(tokenAccountOf({ owner: to, mint })), isSigner: false, isWritable: true },
    { pubkey: new PublicKey(from), isSigner: true, isWritable: false },
  ];
  return new TransactionInstruction({ programId: TOKEN_PROGRAM, keys, data });
}
