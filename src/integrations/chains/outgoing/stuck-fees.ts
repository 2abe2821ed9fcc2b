import type { Database } from "../../../platform/database/pool.ts";
import type { Chain, FeeQuote, UnsignedTransaction } from "../chain.ts";
import type { Signer } from "../signer.ts";
import type { OutgoingTransaction } from "./outgoing-transaction-store.ts";
import { listVersions, storeVersion } from "./transaction-version-store.ts";

const STUCK_AFTER_SECONDS = 180;
/** A node takes a replacement from a tenth more on; an eighth is what all of them take. */
const RAISE_PERMILLE = 1_125n;
/** Beyond these an operator should look: the wallet's nonce is wrong or the chain stands still. */
const MOST_VERSIONS = 8;

/** What is known of an unmined transaction that may offer too little. */
export type StuckQuestion = {
  readonly unsigned: UnsignedTransaction;
  readonly fees: FeeQuote;
  readonly versions: number;
  readonly ageSeconds: number;
  readonly stuckAfterSeconds: number;
  /** An operator asked for it: any age will do. */
  readonly isForced: boolean;
};

/**
 * The call with the fees it needs now, or undefined while it may still be mined as it is: its cap is not below today's price and its
 * newest version is young. Each version waits longer than the one before. Pure.
 */
export function planReplacement(question: StuckQuestion): UnsignedTransaction | undefined {
  const { unsigned, fees, versions, ageSeconds, stuckAfterSeconds, isForced } = question;
  const isTooCheap = BigInt(unsigned.maxFeePerGas) < fees.gasPrice;
  const isOld = ageSeconds >= stuckAfterSeconds * versions;
  if (versions >= MOST_VERSIONS || !(isTooCheap || isOld || isForced)) return undefined;
  const maxFeePerGas = largest(fees.maxFeePerGas, raise(unsigned.maxFeePerGas));
  const maxPriorityFeePerGas = largest(fees.maxPriorityFeePerGas, raise(unsigned.maxPriorityFeePerGas));
  return {
    ...unsigned,
    maxFeePerGas: maxFeePerGas.toString(),
    maxPriorityFeePerGas: maxPriorityFeePerGas.toString(),
  };
}

/** Native base units a wallet must hold before a call is taken from it. */
export function costCap(unsigned: UnsignedTransaction): bigint {
  return BigInt(unsigned.gasLimit) * BigInt(unsigned.maxFeePerGas) + BigInt(unsigned.value ?? "0");
}

type Question = { readonly transaction: OutgoingTransaction };

/** Asks the chain and {@link planReplacement}. Only for a transaction with a nonce that was sent and is in no block. */
export async function readReplacement(
  needs: { readonly database: Database; readonly chain: Chain },
  { transaction }: Question,
): Promise<UnsignedTransaction | undefined> {
  if (transaction.status !== "broadcast" || transaction.nonce === null) return undefined;
  const versions = await listVersions(needs.database, transaction.id);
  return planReplacement({
    unsigned: transaction.unsigned,
    fees: await needs.chain.quoteFees(),
    versions: versions.length,
    ageSeconds: versions[0]?.ageSeconds ?? 0,
    stuckAfterSeconds: needs.chain.network.stuckAfterSeconds ?? STUCK_AFTER_SECONDS,
    isForced: versions[0]?.isRaiseAsked ?? false,
  });
}

/**
 * Signs the same call with the same nonce and higher fees, and stores it as the version that is sent from now on. Whichever version is
 * mined counts, and only one can be. Nothing is done while the wallet cannot pay for it: what was sent before stays valid.
 */
export async function replaceIfStuck(
  needs: { readonly database: Database; readonly chain: Chain; readonly signer: Signer },
  question: Question,
): Promise<boolean> {
  const { transaction } = question;
  const { hash, nonce } = transaction;
  const unsigned = await readReplacement(needs, question);
  if (unsigned === undefined || hash === null || nonce === null) return false;
  if ((await needs.chain.readNativeBalance(transaction.fromAddress)) < costCap(unsigned)) return false;
  const signed = await needs.signer.signTransaction(unsigned, nonce);
  await storeVersion(needs.database, { id: transaction.id, replaces: hash, unsigned, ...signed });
  return true;
}

function raise(text: string): bigint {
  return (BigInt(text) * RAISE_PERMILLE) / 1_000n + 1n;
}

function largest(one: bigint, other: bigint): bigint {
  return one > other ? one : other;
}
