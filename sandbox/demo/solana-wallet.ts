import {
  ComputeBudgetProgram,
  Keypair,
  PublicKey,
  SystemProgram,
  Transaction,
  TransactionInstruction,
} from "@solana/web3.js";
import { z } from "zod";
import { decodeBase58 } from "../../src/integrations/chains/solana/base58.ts";
import { buildSponsoredTransfer } from "../../src/integrations/chains/solana/sponsored-transfer.ts";
import { askSurfnet, LOCAL_USDC_MINT } from "../parts/surfnet.ts";

/** A payment: to a wallet's token account, which is made when it is missing. Base units of the token, USDC unless told. */
export type SolanaPayment = {
  readonly to: string;
  readonly units: bigint;
  readonly mint?: string;
  /** Public text beside the transfer. */
  readonly memo?: string;
};

/** A wallet that pays as a customer's does. `key` is its 64 bytes in base 58, as wallets export them. */
export type SolanaWallet = {
  readonly address: string;
  /** Sends tokens and waits until the transfer is confirmed; answers its signature. */
  readonly pay: (payment: SolanaPayment) => Promise<string>;
  /** As `pay`, for several payments in one transaction. */
  readonly payTogether: (payments: readonly SolanaPayment[]) => Promise<string>;
  /** Sends SOL, in lamports. */
  readonly send: (payment: { readonly to: string; readonly lamports: bigint }) => Promise<string>;
};

const USDC_DECIMALS = 6;
const MEMO_PROGRAM = new PublicKey("MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr");

const LatestBlockhash = z.object({ value: z.object({ blockhash: z.string(), lastValidBlockHeight: z.number() }) });
const Statuses = z.object({ value: z.array(z.object({ confirmationStatus: z.string() }).nullable()) });

/** The address of a wallet nobody had before, whose key is forgotten at once: good to be paid at in a demo. */
export function newSolanaWallet(): string {
  return Keypair.generate().publicKey.toBase58();
}

/** Opens a wallet on a local chain. Throws for a text that is no key. */
export function openSolanaWallet(rpc: string, key: string): SolanaWallet {
  const keypair = Keypair.fromSecretKey(decodeBase58(key) ?? new Uint8Array());
  const address = keypair.publicKey.toBase58();
  let sent = 0;
  const submit = async (fill: (transaction: Transaction) => void) => {
    const { blockhash, lastValidBlockHeight } = await latestBlockhash(rpc);
    const transaction = new Transaction({ feePayer: keypair.publicKey, blockhash, lastValidBlockHeight });
    // Two equal payments within one blockhash would be one transaction: the price makes them differ.
    sent += 1;
    transaction.add(ComputeBudgetProgram.setComputeUnitPrice({ microLamports: sent }));
    fill(transaction);
    transaction.sign(keypair);
    const raw = transaction.serialize().toString("base64");
    const signature = await askSurfnet(rpc, "sendTransaction", [raw, { encoding: "base64" }]);
    return untilConfirmed(rpc, String(signature));
  };
  const payTogether = (payments: readonly SolanaPayment[]) =>
    submit((transaction) => {
      for (const payment of payments) transaction.add(...transferInstructions(address, payment));
    });
  return {
    address,
    pay: (payment) => payTogether([payment]),
    payTogether,
    send: ({ to, lamports }) =>
      submit((transaction) => {
        const toPubkey = new PublicKey(to);
        transaction.add(SystemProgram.transfer({ fromPubkey: keypair.publicKey, toPubkey, lamports }));
      }),
  };
}

function transferInstructions(from: string, { to, units, mint = LOCAL_USDC_MINT, memo }: SolanaPayment) {
  const order = { mint, decimals: USDC_DECIMALS, from, to, amountUnits: units.toString() };
  const transfer = { kind: "sponsored_transfer" as const, ...order, blockhash: mint, lastValidBlockHeight: 0 };
  const [, , ...instructions] = buildSponsoredTransfer({ ...transfer, createsAccount: true }, from).instructions;
  return memo === undefined ? instructions : [...instructions, memoInstruction(memo)];
}

function memoInstruction(memo: string): TransactionInstruction {
  return new TransactionInstruction({ programId: MEMO_PROGRAM, keys: [], data: Buffer.from(memo, "utf8") });
}

async function latestBlockhash(rpc: string) {
  const answer: unknown = await askSurfnet(rpc, "getLatestBlockhash", [{ commitment: "confirmed" }]);
  return LatestBlockhash.parse(answer).value;
}

async function untilConfirmed(rpc: string, signature: string): Promise<string> {
  for (const until = performance.now() + 30_000; performance.now() < until; ) {
    const [status] = Statuses.parse(await askSurfnet(rpc, "getSignatureStatuses", [[signature]])).value;
    if (status !== null && status !== undefined && status.confirmationStatus !== "processed") return signature;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`the payment ${signature} was not confirmed within 30 s`);
}
