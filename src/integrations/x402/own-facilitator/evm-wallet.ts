import { formatEther, keccak256, type PublicClient, parseTransaction } from "viem";
import type { PrivateKeyAccount } from "viem/accounts";
import type { Database } from "../../../platform/database/pool.ts";
import type { X402Network } from "../networks.ts";
import { type EvmSpending, planDearer, type StuckPlan } from "./dearer-fees.ts";
import type { RecordVersion, Transact, UnseenSettlement, WalletReading } from "./settlement-chain.ts";
import { findFirstInLane } from "./settlement-store.ts";

/** What a payer's token contract or smart wallet may make us pay for; USDC takes about 90,000. */
export const MAX_GAS = 300_000n;
/** What an ordinary settlement takes, with room. */
const ORDINARY_GAS = MAX_GAS / 2n;
const DECIMALS = 18;

/** The wallet that pays for settlements on one EVM chain, and what it may spend on each. */
export type EvmWallet = {
  readonly network: X402Network;
  readonly chainId: number;
  readonly client: PublicClient;
  readonly account: PrivateKeyAccount;
  readonly database: Database;
  readonly transact: Transact;
  readonly spending: EvmSpending;
};

/** A reason in x402's manner, and a sentence for people. */
export type WalletRefusal = { readonly reason: string; readonly message: string };

/** The refusal where the network asks more than may be spent. Nothing is sent then. */
export function feesTooHigh(message: string): WalletRefusal {
  return { reason: "facilitator_fees_too_high", message };
}

/** Why one more transaction would not go through now: no coin, too high fees, or one before it that waits. Undefined when it would. */
export async function whyUnable(wallet: EvmWallet): Promise<WalletRefusal | undefined> {
  return (await lookAtWallet(wallet)).refusal;
}

/** The wallet's native coin, and whether it can settle. */
export async function readEvmWallet(wallet: EvmWallet): Promise<WalletReading> {
  const { balance, perSettlement, refusal } = await lookAtWallet(wallet);
  const left = perSettlement === 0n ? balance : balance / perSettlement;
  const most = BigInt(Number.MAX_SAFE_INTEGER);
  return {
    nativeUnits: balance,
    decimals: DECIMALS,
    settlementsLeft: Number(left > most ? most : left),
    blocked: refusal?.message ?? null,
  };
}

async function lookAtWallet(wallet: EvmWallet) {
  const { client, account, database, network } = wallet;
  const [balance, gasPrice, first] = await Promise.all([
    client.getBalance({ address: account.address }),
    client.getGasPrice(),
    findFirstInLane(database, { network: network.id, wallet: account.address }),
  ]);
  const perSettlement = ORDINARY_GAS * gasPrice;
  const refusal = whyTooLittle(wallet, { balance, perSettlement }) ?? (await whyBlocked(wallet, { first, gasPrice }));
  return { balance, perSettlement, refusal };
}

function whyTooLittle(
  { account, spending }: EvmWallet,
  { balance, perSettlement }: { readonly balance: bigint; readonly perSettlement: bigint },
): WalletRefusal | undefined {
  const needed = formatEther(perSettlement);
  if (balance < perSettlement) {
    const message = `the facilitator's wallet ${account.address} holds ${formatEther(balance)} of the native coin and needs ${needed}: fund it`;
    return { reason: "facilitator_out_of_funds", message };
  }
  if (perSettlement <= spending.mostFeeUnits) return undefined;
  return feesTooHigh(
    `a settlement costs ${needed} of the native coin now, at most ${formatEther(spending.mostFeeUnits)} is spent`,
  );
}

/** A lane whose first transaction may not be raised any further keeps all that come after it. */
async function whyBlocked(
  wallet: EvmWallet,
  { first, gasPrice }: { readonly first: Awaited<ReturnType<typeof findFirstInLane>>; readonly gasPrice: bigint },
): Promise<WalletRefusal | undefined> {
  if (first === null || first.raw === null) return undefined;
  const { raw, replaced, ageSeconds } = first;
  const sent = { raw, versions: replaced.length + 1, ageSeconds: ageSeconds ?? 0 };
  if (plan(wallet, { sent, now: { gasPrice, tip: 0n } }).kind !== "capped") return undefined;
  // Only now, as it is rare: the books may not know yet that it is mined.
  const count = await wallet.client.getTransactionCount({ address: wallet.account.address, blockTag: "latest" });
  if (count > Number(first.nonce)) return undefined;
  return feesTooHigh(
    `the transaction with nonce ${first.nonce} waits for lower fees, as it offers the most that is spent`,
  );
}

/** See `SettlementChain.signDearer`. */
export async function signDearer(
  wallet: EvmWallet,
  sent: UnseenSettlement,
  record: RecordVersion,
): Promise<string | undefined> {
  const { client, account } = wallet;
  const call = readSigned(sent.raw);
  if (call === undefined || sent.wallet !== account.address) return undefined;
  const [count, gasPrice, tip, balance] = await Promise.all([
    client.getTransactionCount({ address: account.address, blockTag: "latest" }),
    client.getGasPrice(),
    client.estimateMaxPriorityFeePerGas(),
    client.getBalance({ address: account.address }),
  ]);
  // One that waits for another is not dearer for it.
  if (count !== call.nonce) return undefined;
  const planned = plan(wallet, { sent, now: { gasPrice, tip } });
  if (planned.kind !== "replace" || balance < call.gas * planned.fees.maxFeePerGas) return undefined;
  const raw = await account.signTransaction({ ...call, ...planned.fees });
  return (await record({ transaction: keccak256(raw), raw })) ? raw : undefined;
}

function plan(
  { spending }: EvmWallet,
  {
    sent,
    now,
  }: {
    readonly sent: Pick<UnseenSettlement, "raw" | "versions" | "ageSeconds">;
    readonly now: { readonly gasPrice: bigint; readonly tip: bigint };
  },
): StuckPlan {
  const call = readSigned(sent.raw);
  if (call === undefined) return { kind: "wait" };
  const { versions, ageSeconds } = sent;
  return planDearer({ offered: call, gas: call.gas, now, versions, ageSeconds, spending });
}

/** A signed settlement without its signature; undefined for what we never sign. */
function readSigned(raw: string) {
  const { type, chainId, nonce, to, data, gas, maxFeePerGas, maxPriorityFeePerGas } = parseTransaction(
    `0x02${raw.slice(4)}`,
  );
  if (to === undefined || to === null || gas === undefined || maxFeePerGas === undefined) return undefined;
  const call = { type, chainId, nonce: nonce ?? 0, to, data: data ?? "0x", value: 0n, gas } as const;
  return { ...call, maxFeePerGas, maxPriorityFeePerGas: maxPriorityFeePerGas ?? 0n };
}
