import type { Nanodollars } from "../../money/nanodollars.ts";
import type { PaymentReader } from "./payments.ts";
import type { PayoutClaim } from "./payouts/payout-claim.ts";
import type { Receiver } from "./receiver.ts";

/** Families of chains that share an address format and a key derivation. One deposit address serves every chain of its kind. */
export type ChainKind = "evm" | "solana";

/**
 * How tokens leave a deposit address. `receive_with_authorization` is EIP-3009: the vendor wallet pays and the deposit address
 * never holds native coin. `gas_top_up` is for tokens without it, such as USDT: the vendor wallet gives the address its gas first.
 * `sponsored_transfer` is Solana's: one transaction signed by both, paid for by the vendor wallet.
 */
export type SweepMethod = "receive_with_authorization" | "gas_top_up" | "sponsored_transfer";

/** One dollar token on one chain, as data. `eip712` is the token's own signing domain, needed for EIP-3009. */
export type ChainToken = {
  readonly symbol: string;
  readonly address: string;
  readonly decimals: number;
  readonly sweepMethod: SweepMethod;
  readonly eip712?: { readonly name: string; readonly version: string };
  /** Dust: less than this at an address is credited, but moved on only together with more. Absent: any amount is worth it. */
  readonly minimumSweepUnits?: bigint;
  /** The most sweeps that go in one transaction when that is cheaper; absent, each goes alone. */
  readonly batchMost?: number;
  /** How long a deposit waits for others to be swept with; absent, not at all. */
  readonly batchWindowSeconds?: number;
};

/** Deposits up to `upTo` (inclusive; absent = any amount) need `blocks` blocks, counting the one they are in. */
export type ConfirmationTier = { readonly upTo?: Nanodollars; readonly blocks: number };

/** What is data and not code about any chain. `nativePrice` is the price of one whole native coin. */
type NetworkFacts = {
  /** CAIP-2, such as `eip155:8453`. Stored with every row, never the short name. */
  readonly id: string;
  /** What `initiate` takes as `chain`, such as `base`. */
  readonly shortName: string;
  readonly name: string;
  /** No trailing slash; empty when the chain has no explorer. */
  readonly explorerUrl: string;
  readonly nativeSymbol: string;
  readonly nativePrice: Nanodollars;
  /** Base units of one native coin as a power of ten; 18 unless said, as on every EVM chain. */
  readonly nativeDecimals?: number;
  readonly blockTimeSeconds: number;
  /** Ascending by `upTo`; the last tier has none. */
  readonly confirmations: readonly ConfirmationTier[];
  /** Blocks before fuel at a deposit address is built upon. A sweep or refund is written down only when its block is final. */
  readonly sweepConfirmations: number;
  /** How far behind the head every pass reads again. */
  readonly reorgWindowBlocks: number;
  /** From this depth on a block is never replaced. Until then a credited deposit is looked at again, and a sweep is not in the books. */
  readonly finalityBlocks: number;
  readonly tokens: readonly ChainToken[];
  /** The most native coin one deposit address is given at once, in base units. The signer refuses more; absent, it gives none. */
  readonly topUpLimitUnits?: bigint;
  /** The most a sweep may cost, in thousandths of what it moves; what costs more waits for cheaper gas or for more. Absent: any. */
  readonly sweepCostPermille?: number;
  /** Where several calls can be made in one transaction (Multicall3); absent, nowhere. */
  readonly multicall?: string;
  /** After how long without a block a sent transaction is offered again with higher fees; absent, three minutes. */
  readonly stuckAfterSeconds?: number;
};

/** An EVM chain: its node proves which one it is by `chainId`. */
export type EvmNetwork = NetworkFacts & { readonly kind: "evm"; readonly chainId: number };

/** A Solana cluster: its node proves which one it is by the hash of its first block. A local cluster has a new one at each start. */
export type SolanaNetwork = NetworkFacts & { readonly kind: "solana"; readonly genesisHash?: string };

/** Everything about a chain that is data and not code. */
export type ChainNetwork = EvmNetwork | SolanaNetwork;

/** One block as this chain names it. */
export type BlockReference = { readonly number: number; readonly hash: string };

/** A token transfer found in a block's logs. `position` orders logs inside the block; it may change when the block does. */
export type TokenTransfer = {
  readonly token: string;
  readonly from: string;
  readonly to: string;
  readonly amountUnits: bigint;
  readonly transactionHash: string;
  readonly position: number;
  readonly block: BlockReference;
};

/** What the chain says of one transaction now. `logIndex` counts inside the transaction, so it survives a reorg. */
export type TransactionReceipt = {
  readonly succeeded: boolean;
  readonly block: BlockReference;
  readonly gasUsed: bigint;
  /** Whole cost in native base units (wei), with the data fee some rollups add. */
  readonly feeUnits: bigint;
  readonly transfers: readonly (TokenTransfer & { readonly logIndex: number })[];
};

/** Which key signs for a deposit address. */
export type DepositKey = { readonly keyRingId: string; readonly index: number };

/**
 * Which deposit a payment gives back: the transaction that brought it, and whose deposit address it reached (absent: a wallet of ours).
 * A claim, not a proof: the signer looks on the chain itself.
 */
export type RefundClaim = { readonly transactionHash: string; readonly receivedAt?: DepositKey };

type Claims = { readonly refunds?: RefundClaim; readonly pays?: PayoutClaim };

/**
 * A call to sign, fees are caps in native base units per gas. `value` is native coin, zero unless said, and only ever fuel for the
 * deposit address of `fuels`. `signedBy` names the deposit key that signs; without it the vendor wallet does. Decimal strings
 * survive JSON.
 */
export type UnsignedTransaction = {
  readonly chainId: number;
  readonly to: string;
  readonly data: string;
  readonly value?: string;
  readonly fuels?: DepositKey;
  readonly signedBy?: DepositKey;
  readonly gasLimit: string;
  readonly maxFeePerGas: string;
  readonly maxPriorityFeePerGas: string;
} & Claims;

/** A transfer between wallets that a third pays for: what a quote is asked for. Decimal strings survive JSON. */
export type TransferOrder = {
  readonly mint: string;
  readonly decimals: number;
  readonly from: string;
  readonly to: string;
  readonly amountUnits: string;
  readonly feePayer: string;
} & Claims;

/**
 * A Solana transfer to sign, by the deposit key and the vendor wallet. It can be in no block above `lastValidBlockHeight`. With
 * `createsAccount` it makes the receiver's token account first.
 */
export type SponsoredTransfer = Omit<TransferOrder, "feePayer"> & {
  readonly kind: "sponsored_transfer";
  readonly blockhash: string;
  readonly lastValidBlockHeight: number;
  readonly createsAccount: boolean;
};

/** What an EIP-3009 holder signs. `method` names the call it is good for; `nonce` is 32 bytes as hex; `validBefore` in seconds, absent: for ever. */
export type TransferAuthorization = {
  readonly method: "receiveWithAuthorization" | "transferWithAuthorization";
  readonly chainId: number;
  readonly token: ChainToken;
  readonly from: string;
  readonly to: string;
  readonly amountUnits: bigint;
  readonly nonce: string;
  readonly validBefore?: bigint;
} & Claims;

/** An authorization with its signature: whoever sends it moves the tokens where it says. */
export type AuthorizedTransfer = { readonly authorization: TransferAuthorization; readonly signature: string };

/** What is known before a nonce is given: the call, its fee caps, and what the wallet can pay. */
export type TransactionQuote = {
  readonly unsigned: UnsignedTransaction;
  readonly chainNonce: number;
};

/** What gas costs now, and the caps a transaction sent now is given; native base units per gas. */
export type FeeQuote = {
  readonly gasPrice: bigint;
  readonly maxFeePerGas: bigint;
  readonly maxPriorityFeePerGas: bigint;
};

/** How the network took a raw transaction. `nonce_used`: another transaction with this nonce is mined already (maybe this one). */
export type BroadcastOutcome = "accepted" | "already_known" | "nonce_used";

/**
 * What nodes answer by account where they cannot by range of blocks. `cursor` is what was read of an owner before, empty at first: keep
 * it as it is given.
 */
export type AccountIndex = {
  /** Hash of the chain's first block: another one is another chain, whatever its name. */
  readGenesis(): Promise<string>;
  /** Per owner, in the order asked, a text that changes when what it holds of the network's tokens does. Cheap: 100 owners a call. */
  readHoldings(owners: readonly string[]): Promise<readonly string[]>;
  /**
   * Transfers to one owner since the cursor, oldest first; not `isSettled` while there are more, or some that a fork may take back: those
   * come again. Each is to be placed by its receipt.
   */
  readArrivals(input: { readonly owner: string; readonly cursor: Readonly<Record<string, string>> }): Promise<{
    readonly transfers: readonly TokenTransfer[];
    readonly cursor: Readonly<Record<string, string>>;
    readonly isSettled: boolean;
  }>;
  /** The newest transfers to one owner, since a block. */
  readRecent(input: { readonly owner: string; readonly sinceBlock: number }): Promise<readonly TokenTransfer[]>;
  /** What left one owner since a block, by transaction, and who got most of it. */
  readSent(input: {
    readonly owner: string;
    readonly token: string;
    readonly sinceBlock: number;
  }): Promise<readonly { readonly transactionHash: string; readonly to: string; readonly amountUnits: bigint }[]>;
};

/**
 * One chain behind one interface. Addresses and hashes it returns are in the chain's canonical spelling (EIP-55 on EVM), so
 * they compare by equality. Every method throws `RpcUnavailable` when the node cannot answer and `ChainIdMismatch` when it
 * answers for another chain; nothing is ever guessed.
 */
export type Chain = {
  readonly network: ChainNetwork;
  /** The newest block the node knows. */
  readHead(): Promise<BlockReference>;
  /** Hash of the canonical block at that height, undefined above the head. */
  readBlockHash(blockNumber: number): Promise<string | undefined>;
  /**
   * Transfers of `tokens` in the closed block range, zero amounts left out. With `recipients`, only those to them; without,
   * all of them. Ranges the node finds too large are halved.
   */
  readTransfers(range: {
    readonly fromBlock: number;
    readonly toBlock: number;
    readonly tokens: readonly string[];
    readonly recipients?: readonly string[];
  }): Promise<readonly TokenTransfer[]>;
  /** The receipt, or undefined while the transaction is in no block. */
  readReceipt(transactionHash: string): Promise<TransactionReceipt | undefined>;
  /** Whether the node knows the transaction, mined or not. */
  isTransactionKnown(transactionHash: string): Promise<boolean>;
  /** Now, or with `atBlock` as it was after that block. Nodes forget old states and then throw `RpcUnavailable`. */
  readTokenBalance(input: {
    readonly token: string;
    readonly owner: string;
    readonly atBlock?: number;
  }): Promise<bigint>;
  /** As `readTokenBalance`, in native base units. */
  readNativeBalance(address: string, options?: { readonly atBlock: number }): Promise<bigint>;
  /**
   * Transfers of any token whatever to `recipients` in the closed block range. Absent on chains where nobody looks for coins and tokens
   * that were never asked for.
   */
  readAnyTransfers?(range: {
    readonly fromBlock: number;
    readonly toBlock: number;
    readonly recipients: readonly string[];
  }): Promise<readonly TokenTransfer[]>;
  /** Transfers of `tokens` out of `senders` in the closed block range. Absent on chains where a treasury is not watched. */
  readTransfersFrom?(range: {
    readonly fromBlock: number;
    readonly toBlock: number;
    readonly tokens: readonly string[];
    readonly senders: readonly string[];
  }): Promise<readonly TokenTransfer[]>;
  /** Where two providers are given: each by itself. A deposit is credited only when they say the same. Absent: this one is all there is. */
  readonly witnesses?: readonly Chain[];
  /** Whether tokens can be sent to an address that somebody named, and what it lacks for that. Absent where nobody is paid. */
  inspectReceiver?(input: { readonly address: string; readonly tokens: readonly string[] }): Promise<Receiver>;
  /** Whether a contract is at the address: it may not know what to do with tokens that come back. Absent where there are none. */
  isContract?(address: string): Promise<boolean>;
  /** Transactions of `address` in blocks, or with `includePending` also those waiting in the node's pool. */
  readNonce(address: string, options?: { readonly includePending: boolean }): Promise<number>;
  /** Native base units one gas is likely to cost now. */
  readGasPrice(): Promise<bigint>;
  /** What a transaction must offer now, to tell whether one sent earlier offers too little. */
  quoteFees(): Promise<FeeQuote>;
  /** The transaction hash that used an authorization nonce of `from` towards `to`, if one did. */
  findUsedAuthorization(input: {
    readonly authorization: TransferAuthorization;
    readonly sinceBlock: number;
  }): Promise<{ readonly transactionHash: string } | undefined>;
  /** Encodes and prices an authorised transfer sent by `sender`. Throws `GasTankEmpty` when the sender cannot pay for it. */
  quoteAuthorizedTransfer(input: {
    readonly authorization: TransferAuthorization;
    readonly signature: string;
    readonly sender: string;
  }): Promise<TransactionQuote>;
  /** Encodes and prices several authorised transfers in one transaction, of which each may fail by itself. Absent where that is not possible. */
  quoteBatch?(input: {
    readonly transfers: readonly AuthorizedTransfer[];
    readonly sender: string;
  }): Promise<TransactionQuote>;
  /** Encodes and prices a plain transfer by the owner of the tokens. Whether the owner can pay for it is the caller's question. */
  quoteTokenTransfer(input: {
    readonly token: string;
    readonly from: string;
    readonly to: string;
    readonly amountUnits: bigint;
  }): Promise<TransactionQuote>;
  /** Prices sending native coin. Throws `GasTankEmpty` when the sender cannot pay for both. */
  quoteNativeTransfer(input: {
    readonly from: string;
    readonly to: string;
    readonly valueUnits: bigint;
  }): Promise<TransactionQuote>;
  /** Present where deposits are found by looking at accounts, absent where by reading blocks. */
  readonly accounts?: AccountIndex;
  /**
   * Prices a transfer that the vendor wallet pays for and tries it. Only on Solana. Throws `GasTankEmpty`, `TransactionWouldFail`.
   */
  quoteSponsoredTransfer?(order: TransferOrder): Promise<SponsoredTransfer>;
  /**
   * Whether a stored transaction that is in no block can never be in one any more, proven by the chain's own finality. Absent on chains
   * whose transactions stay valid: there it is sent again for as long as it takes.
   */
  isExpired?(stored: {
    readonly hash: string;
    readonly unsigned: UnsignedTransaction | SponsoredTransfer;
  }): Promise<boolean>;
  /** Sends a stored raw transaction, as often as needed. Throws `GasTankEmpty` when the node says the sender cannot pay. */
  broadcast(raw: string): Promise<BroadcastOutcome>;
  /** Single payments, whoever sent them. Absent where nobody pays for access. */
  readonly payments?: PaymentReader;
};

/** Blocks a deposit worth `amount` needs before it is credited. */
export function confirmationsFor(network: ChainNetwork, amount: Nanodollars): number {
  const tier = network.confirmations.find(({ upTo }) => upTo === undefined || amount <= upTo);
  if (tier === undefined) throw new Error(`The last confirmation tier of ${network.id} must have no upper bound.`);
  return tier.blocks;
}

/** Whether `initiate` may offer this token: the chain lists it and its way out is built. */
export function isTokenAccepted(network: ChainNetwork, token: string): boolean {
  return acceptedTokens(network).some(({ symbol, address }) => symbol === token || address === token);
}

/** The tokens of a chain that may be paid with: those with a way out. */
export function acceptedTokens(network: ChainNetwork): readonly ChainToken[] {
  return network.tokens.filter(
    ({ sweepMethod }) => sweepMethod !== "gas_top_up" || network.topUpLimitUnits !== undefined,
  );
}
