import { createHash } from "node:crypto";
import {
  type CompiledTransactionMessage,
  getCompiledTransactionMessageDecoder,
  getCompiledTransactionMessageEncoder,
  getTransactionDecoder,
} from "@solana/kit";
import { z } from "zod";
import { PaymentPayloadInvalid } from "./errors.ts";
import type { WireObject } from "./facilitator.ts";
import type { X402Network } from "./networks.ts";
import type { SignedPayment } from "./payment.ts";
import { isSolanaSignature } from "./solana-signature.ts";

/** A Solana payment without what the envelope around it says. */
export type SolanaPayment = Omit<SignedPayment, "x402Version">;

const COMPUTE_BUDGET = "ComputeBudget111111111111111111111111111111";
const MEMO = "MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr";
/** Asserts that wallets add to protect their users (Phantom, Solflare). */
const LIGHTHOUSE = "L2TExMFKdjpN9kozasaurPirfHy9P8sbXoAN1qA3S95";
const SYSTEM = "11111111111111111111111111111111";
const TOKEN_PROGRAMS: readonly string[] = [
  "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA",
  "TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb",
];
// First bytes of instructions, and the lengths of their data. Sources: the Compute Budget, System and Token programs.
const SET_UNIT_LIMIT = { tag: 2, bytes: 5 };
const SET_UNIT_PRICE = { tag: 3, bytes: 9 };
const TRANSFER_CHECKED = { tag: 12, bytes: 10 };
const ADVANCE_NONCE_TAG = 4;
/** The reference layout has three, and wallets add at most three or four more. Source: x402's exact scheme on Solana. */
const MAXIMUM_INSTRUCTIONS = 7;
/** Largest packet a cluster takes. */
const MAXIMUM_BYTES = 1232;
const SIGNERS = 2;

const Payload = z.strictObject({ transaction: z.base64().max(2048) });

type Instruction = { readonly program: string; readonly accounts: readonly string[]; readonly data: Uint8Array };
type Decoded = {
  readonly messageBytes: Uint8Array;
  readonly message: CompiledTransactionMessage;
  readonly signatures: Readonly<Record<string, Uint8Array | null>>;
};

/**
 * Reads a transaction of the `exact` scheme: two compute budget instructions, one TransferChecked, then at most one memo and a wallet's
 * own asserts; signed by the token's owner alone, the network's fee being another's. Everything else is refused, as it could do more
 * than pay: other programs, look-up tables, a durable nonce (it would stay payable for ever). Throws 400 `payment_payload_invalid`.
 */
export function readSolanaTransaction(network: X402Network, payload: WireObject): SolanaPayment {
  const decoded = decode(payload);
  const instructions = instructionsOf(decoded.message);
  const [feePayer = "", payer = ""] = decoded.message.staticAccounts.map(String);
  const transfer = transferOf(instructions);
  requireLayout(instructions, feePayer);
  const [, mint = "", destination = "", authority = ""] = transfer.accounts;
  if (authority !== payer)
    throw refused("payer_not_signer", "The token's owner must be the one signer beside the fee payer.");
  const amountUnits = Buffer.from(transfer.data).readBigUInt64LE(1);
  if (amountUnits === 0n) throw refused("amount_zero", "The transfer moves nothing.");
  return {
    network: network.id,
    kind: "solana",
    key: createHash("sha256").update(decoded.messageBytes).digest("hex"),
    payer,
    payTo: destination,
    asset: mint,
    amountUnits,
    memo: memoOf(instructions),
    validFrom: null,
    validUntil: null,
    feePayer,
    tokenProgram: transfer.program,
    signature: isSigned(decoded, payer) ? "proven" : "wrong",
  };
}

function decode(payload: WireObject): Decoded {
  const parsed = Payload.safeParse(payload);
  if (!parsed.success) {
    throw refused("transaction_malformed", "payload must be {transaction}, a transaction's wire bytes in base64.");
  }
  const bytes = Buffer.from(parsed.data.transaction, "base64");
  if (bytes.length > MAXIMUM_BYTES) throw refused("transaction_too_large", "A transaction has at most 1232 bytes.");
  try {
    const { messageBytes, signatures } = getTransactionDecoder().decode(bytes);
    const message = getCompiledTransactionMessageDecoder().decode(messageBytes);
    requireCanonical(message, Uint8Array.from(messageBytes));
    return { messageBytes: Uint8Array.from(messageBytes), message, signatures: { ...signatures } };
  } catch (cause) {
    if (cause instanceof PaymentPayloadInvalid) throw cause;
    throw refused("transaction_undecodable", "payload.transaction is not a Solana transaction.");
  }
}

/**
 * The key is a hash of these bytes, so there must be one spelling of them: bytes behind the message would make a second. The decoder itself
 * also reads messages whose end is missing.
 */
function requireCanonical(message: CompiledTransactionMessage, bytes: Uint8Array): void {
  const { version, header } = message;
  if (version !== 0 && version !== "legacy") throw refused("transaction_version", "Use a transaction of version 0.");
  if ("addressTableLookups" in message && (message.addressTableLookups?.length ?? 0) > 0) {
    throw refused("lookup_tables", "The transaction uses address look-up tables; name every account itself.");
  }
  if (header.numSignerAccounts !== SIGNERS) {
    throw refused("signers", "The transaction needs exactly two signers: the fee payer and the token's owner.");
  }
  const again = getCompiledTransactionMessageEncoder().encode(message);
  if (Buffer.compare(Uint8Array.from(again), bytes) === 0) return;
  throw refused("transaction_undecodable", "The transaction's message is not in its one spelling.");
}

function instructionsOf(message: CompiledTransactionMessage): readonly Instruction[] {
  const accountAt = (index: number): string => {
    const account = message.staticAccounts[index];
    if (account === undefined)
      throw refused("transaction_undecodable", "An instruction names an account that is not there.");
    return account;
  };
  return message.instructions.map(({ programAddressIndex, accountIndices = [], data }) => ({
    program: accountAt(programAddressIndex),
    accounts: accountIndices.map(accountAt),
    data: Uint8Array.from(data ?? []),
  }));
}

function transferOf(instructions: readonly Instruction[]): Instruction {
  const [first, , transfer] = instructions;
  if (first?.program === SYSTEM && first.data[0] === ADVANCE_NONCE_TAG) {
    throw refused("durable_nonce", "The transaction uses a durable nonce; use a recent blockhash, which expires.");
  }
  if (transfer === undefined || !TOKEN_PROGRAMS.includes(transfer.program) || transfer.accounts.length !== 4) {
    throw refused("transfer_missing", "The third instruction must be TransferChecked of the token's program.");
  }
  if (hasForm(transfer, TRANSFER_CHECKED)) return transfer;
  throw refused("transfer_missing", "The third instruction must be TransferChecked of the token's program.");
}

function requireLayout(instructions: readonly Instruction[], feePayer: string): void {
  const [limit, price] = instructions;
  const isLimit = limit?.program === COMPUTE_BUDGET && hasForm(limit, SET_UNIT_LIMIT);
  const isPrice = price?.program === COMPUTE_BUDGET && hasForm(price, SET_UNIT_PRICE);
  if (!isLimit || !isPrice) {
    throw refused("compute_budget", "The first two instructions must be SetComputeUnitLimit and SetComputeUnitPrice.");
  }
  if (instructions.length > MAXIMUM_INSTRUCTIONS) {
    throw refused("too_many_instructions", `A payment has at most ${MAXIMUM_INSTRUCTIONS} instructions.`);
  }
  if (instructions.slice(3).some(({ program }) => program !== MEMO && program !== LIGHTHOUSE)) {
    throw refused("unknown_instruction", "Behind the transfer only a memo and Lighthouse's asserts are taken.");
  }
  if (instructions.some(({ accounts }) => accounts.includes(feePayer))) {
    throw refused("fee_payer_used", "The fee payer must be in no instruction.");
  }
}

function memoOf(instructions: readonly Instruction[]): string | null {
  const [memo, ...more] = instructions.filter(({ program }) => program === MEMO);
  if (more.length > 0) throw refused("several_memos", "A payment has one memo.");
  if (memo === undefined) return null;
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(memo.data);
  } catch {
    throw refused("memo_malformed", "The memo is not UTF-8.");
  }
}

function hasForm({ data }: Instruction, form: { readonly tag: number; readonly bytes: number }): boolean {
  return data.length === form.bytes && data[0] === form.tag;
}

function isSigned({ messageBytes: message, signatures }: Decoded, payer: string): boolean {
  const signature = signatures[payer] ?? null;
  return signature !== null && isSolanaSignature({ address: payer, message, signature });
}

function refused(reason: string, detail: string): PaymentPayloadInvalid {
  return new PaymentPayloadInvalid(reason, detail);
}
