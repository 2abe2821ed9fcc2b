import { createHash } from "node:crypto";
import { SystemProgram, VersionedTransaction } from "@solana/web3.js";
import { z } from "zod";
import { RpcUnavailable } from "../errors.ts";
import { readShape } from "../evm/rpc-shapes.ts";
import {
  type LandedTransaction,
  netMovements,
  type PaymentReader,
  type SignedTransfer,
  type TransferFate,
} from "../payments.ts";
import type { SolanaNode } from "./node.ts";
import { AccountValue, Count, TransactionShape } from "./rpc-shapes.ts";
import { TOKEN_PROGRAM, tokenAccountOf } from "./token-accounts.ts";
import { readMovements } from "./token-transfers.ts";

const MEMO_PROGRAMS: readonly string[] = [
  "MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr",
  "Memo1UhkJRfHyvLMcVucJwxXeuD728EqVDDwQDxFMNo",
];
/** A blockhash is good for 150 blocks: a minute and a half at the slowest seen. This much more is waited, for nodes that list late. */
const BLOCKHASH_LIFE_MILLISECONDS = 150_000;
const CLOCK_TOLERANCE_MILLISECONDS = 60_000;
const SIGNATURES_PER_PAGE = 1_000;
/** Transactions read in one search; beyond it nothing is sure. */
const MOST_TRANSACTIONS = 300;
/** Nodes refuse the time of a block that is not there for them (yet). */
const NO_BLOCK: ReadonlySet<number> = new Set([-32_001, -32_004, -32_007, -32_009, -32_014]);
const SIGNATURE_BYTES = 64;
const MINT_BYTES = 82;
const MINT_DECIMALS_OFFSET = 44;

const RawTransaction = z.object({
  slot: Count,
  transaction: z.tuple([z.string(), z.literal("base64")]),
  meta: TransactionShape.shape.meta,
});
const Signatures = z.array(
  z.object({ signature: z.string(), slot: Count, blockTime: z.number().nullish(), memo: z.string().nullish() }),
);
const Validity = z.object({ value: z.boolean() });

type SolanaTransfer = Extract<SignedTransfer, { readonly kind: "solana" }>;

/** Reads payments from Solana: balances by what accounts held before and after, signed ones by the hash of their message. */
export function readPayments(node: SolanaNode): PaymentReader {
  return {
    readLanded: (transaction) => readLanded(node, transaction),
    findTransfer: async (signed) => findTransfer(node, solanaOnly(signed)),
    canStillLand: async (signed) => canStillLand(node, solanaOnly(signed)),
    whyNotToken: (token) => whyNotToken(node, token),
  };
}

function solanaOnly(signed: SignedTransfer): SolanaTransfer {
  if (signed.kind !== "solana") throw new Error("A signed transfer of an EVM chain was looked for on Solana.");
  return signed;
}

async function readLanded(node: SolanaNode, signature: string): Promise<LandedTransaction | undefined> {
  if (!/^[1-9A-HJ-NP-Za-km-z]{64,90}$/.test(signature)) return undefined;
  const raw = await readRaw(node, signature);
  const at = raw && (await readBlockTime(node, raw.slot));
  if (raw === undefined || at === undefined) return undefined;
  const decoded = decodeTransaction(raw.transaction[0]);
  if (decoded === undefined) throw new RpcUnavailable(node.network.id, "a transaction does not decode");
  const movements = readMovements({
    slot: raw.slot,
    transaction: { signatures: [signature], message: { accountKeys: decoded.accountKeys } },
    meta: raw.meta,
  });
  return {
    transaction: signature,
    succeeded: raw.meta.err === null,
    block: raw.slot,
    at,
    ...netMovements(movements),
    memos: decoded.memos,
    messageHash: decoded.messageHash,
    authorizations: [],
  };
}

async function readRaw(node: SolanaNode, signature: string) {
  const options = { encoding: "base64", maxSupportedTransactionVersion: 0, commitment: "confirmed" };
  const answer = await node.request("getTransaction", [signature, options]);
  if ("refused" in answer)
    throw new RpcUnavailable(node.network.id, `getTransaction refused, error ${answer.refused.code}`);
  return answer.result === null ? undefined : readShape(node.network.id, RawTransaction, answer.result);
}

/** By `getBlockTime`: what a transaction says of its block's time is left out by some nodes, and wrong on local ones. */
async function readBlockTime(node: SolanaNode, slot: number): Promise<Date | undefined> {
  const answer = await node.request("getBlockTime", [slot]);
  if ("refused" in answer) {
    if (NO_BLOCK.has(answer.refused.code)) return undefined;
    throw new RpcUnavailable(node.network.id, `getBlockTime refused, error ${answer.refused.code}`);
  }
  if (answer.result === null) return undefined;
  return new Date(readShape(node.network.id, Count, answer.result) * 1000);
}

/** What a transaction's bytes say; undefined when they are none. Memos of other programs' calls are not the signers' and left out. */
function decodeTransaction(base64: string) {
  try {
    const bytes = Buffer.from(base64, "base64");
    const { message, signatures } = VersionedTransaction.deserialize(bytes);
    const accountKeys = message.staticAccountKeys.map((key) => key.toBase58());
    const calls = message.compiledInstructions.map(({ programIdIndex, data }) => ({
      program: accountKeys[programIdIndex] ?? "",
      data: Buffer.from(data),
    }));
    const [first] = calls;
    return {
      accountKeys,
      messageHash: createHash("sha256")
        .update(bytes.subarray(messageOffset(signatures.length)))
        .digest("hex"),
      blockhash: message.recentBlockhash,
      memos: calls.filter(({ program }) => MEMO_PROGRAMS.includes(program)).map(({ data }) => data.toString("utf8")),
      // AdvanceNonceAccount, number 4 of the system program: such a transaction has no end.
      isDurable:
        first?.program === SystemProgram.programId.toBase58() &&
        first.data.length >= 4 &&
        first.data.readUInt32LE() === 4,
    };
  } catch {
    return undefined;
  }
}

/** Behind the number of signatures (one byte: a packet has no room for 128) and the signatures. */
function messageOffset(signatures: number): number {
  return 1 + signatures * SIGNATURE_BYTES;
}

function decodeSigned(signed: SolanaTransfer) {
  const decoded = decodeTransaction(signed.transaction);
  if (decoded === undefined) throw new Error("A signed transfer is no Solana transaction.");
  return decoded;
}

/** Through everything that touched the payer's token account lately, those with our memo first; failed ones too, as they are over. */
async function findTransfer(node: SolanaNode, signed: SolanaTransfer): Promise<TransferFate> {
  const { messageHash, memos } = decodeSigned(signed);
  const listed = await listRecent(node, signed);
  const [memo] = memos;
  const isOurs = ({ memo: text }: { readonly memo?: string | null | undefined }) =>
    memo !== undefined && text?.includes(memo) === true;
  const ordered = [...listed.filter(isOurs), ...listed.filter((each) => !isOurs(each))];
  for (const { signature } of ordered.slice(0, MOST_TRANSACTIONS)) {
    const raw = await readRaw(node, signature);
    if (raw === undefined) throw new RpcUnavailable(node.network.id, "a signature has no transaction yet");
    if (decodeTransaction(raw.transaction[0])?.messageHash === messageHash)
      return { kind: "landed", transaction: signature };
  }
  if (ordered.length > MOST_TRANSACTIONS) throw new RpcUnavailable(node.network.id, "the payer's account is too busy");
  return { kind: "absent" };
}

/** Signatures of the payer's token account, newest first, back to the time before which the transfer was not signed. */
async function listRecent(node: SolanaNode, signed: SolanaTransfer) {
  const account = tokenAccountOf({ owner: signed.payer, mint: signed.token });
  const all: z.output<typeof Signatures> = [];
  for (;;) {
    const before = all.at(-1)?.signature;
    const options = {
      limit: SIGNATURES_PER_PAGE,
      commitment: "confirmed",
      ...(before === undefined ? {} : { before }),
    };
    const page = await node.ask(Signatures, "getSignaturesForAddress", [account, options]);
    const last = page.at(-1);
    const isBack = last !== undefined && (await isBefore(node, last.slot, signed.since));
    all.push(...page);
    if (page.length < SIGNATURES_PER_PAGE || isBack) return all;
  }
}

async function isBefore(node: SolanaNode, slot: number, time: Date): Promise<boolean> {
  const at = await readBlockTime(node, slot);
  return at !== undefined && at.getTime() < time.getTime() - CLOCK_TOLERANCE_MILLISECONDS;
}

/**
 * A blockhash that finalized blocks do not know may be expired, or too new for them. So the cluster's finalized time must be past the life
 * of any blockhash there was when the transfer came, before its word counts.
 */
async function canStillLand(node: SolanaNode, signed: SolanaTransfer): Promise<boolean> {
  const { blockhash, isDurable } = decodeSigned(signed);
  if (isDurable) return true;
  const slot = await node.ask(Count, "getSlot", [{ commitment: "finalized" }]);
  const at = await readBlockTime(node, slot);
  if (at === undefined || at.getTime() < signed.since.getTime() + BLOCKHASH_LIFE_MILLISECONDS) return true;
  const { value } = await node.ask(Validity, "isBlockhashValid", [blockhash, { commitment: "finalized" }]);
  return value;
}

async function whyNotToken(node: SolanaNode, token: Parameters<PaymentReader["whyNotToken"]>[0]) {
  const { value } = await node.ask(AccountValue, "getAccountInfo", [
    token.address,
    { commitment: "confirmed", encoding: "base64" },
  ]);
  if (value === null) return "there is no mint at its address";
  const data = Buffer.from(value.data[0], "base64");
  if (value.owner !== TOKEN_PROGRAM.toBase58() || data.length !== MINT_BYTES)
    return "it is no mint of the token program";
  const decimals = data[MINT_DECIMALS_OFFSET];
  return decimals === token.decimals ? undefined : `it has ${decimals} decimals, not ${token.decimals}`;
}
