import type { Nanodollars } from "../../money/nanodollars.ts";

/** Families of chains that share an address format and a key derivation. One deposit address serves every chain of its kind. */
export type ChainKind = "evm";

/**
 * How tokens leave a deposit address. `receive_with_authorization` is EIP-3009: the vendor wallet pays and the deposit address
 * never holds native coin. `gas_top_up` (tokens without 3009, such as USDT) is known to the registry but not accepted yet.
 */
export type SweepMethod = "receive_with_authorization" | "gas_top_up";

/** One dollar token on one chain, as data. `eip712` is the token's own signing domain, needed for EIP-3009. */
export type ChainToken = {
  readonly symbol: string;
  readonly address: string;
  readonly decimals: number;
  readonly sweepMethod: SweepMethod;
  readonly eip712?: { readonly name: string; readonly version: string };
};

/** Deposits up to `upTo` (inclusive; absent = any amount) need `blocks` blocks, counting the one they are in. */
export type ConfirmationTier = { readonly upTo?: Nanodollars; readonly blocks: number };

/** Everything about a chain that is data and not code. `nativePrice` is the price of one whole native coin. */
export type ChainNetwork = {
  /** CAIP-2, such as `eip155:8453`. Stored with every row, never the short name. */
  readonly id: string;
  /** What `initiate` takes as `chain`, such as `base`. */
  readonly shortName: string;
  readonly kind: ChainKind;
  readonly chainId: number;
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
  /** Blocks before a sweep counts as mined for good. */
  readonly sweepConfirmations: number;
  /** How far behind the head every pass reads again. */
  readonly reorgWindowBlocks: number;
  readonly tokens: readonly ChainToken[];
};

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

/** A call to sign: native value is always zero, fees are caps in native base units per gas. Decimal strings survive JSON. */
export type UnsignedTransaction = {
  readonly chainId: number;
  readonly to: string;
  readonly data: string;
  readonly gasLimit: string;
  readonly maxFeePerGas: string;
  readonly maxPriorityFeePerGas: string;
};

/** What an EIP-3009 holder signs. `method` names the call it is good for; `nonce` is 32 bytes as hex. */
export type TransferAuthorization = {
  readonly method: "receiveWithAuthorization" | "transferWithAuthorization";
  readonly chainId: number;
  readonly token: ChainToken;
  readonly from: string;
  readonly to: string;
  readonly amountUnits: bigint;
  readonly nonce: string;
};

/** What is known before a nonce is given: the call, its fee caps, and what the wallet can pay. */
export type TransactionQuote = {
  readonly unsigned: UnsignedTransaction;
  readonly chainNonce: number;
};

/** How the network took a raw transaction. `nonce_used`: another transaction with this nonce is mined already (maybe this one). */
export type BroadcastOutcome = "accepted" | "already_known" | "nonce_used";

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
  readTokenBalance(input: { readonly token: string; readonly owner: string }): Promise<bigint>;
  readNativeBalance(address: string): Promise<bigint>;
  /** Transactions of `address` in blocks, or with `includePending` also those waiting in the node's pool. */
  readNonce(address: string, options?: { readonly includePending: boolean }): Promise<number>;
  /** Native base units one gas is likely to cost now. */
  readGasPrice(): Promise<bigint>;
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
  /**
   * Whether a stored transaction that is in no block can never be in one any more, proven by the chain's own finality. Absent on chains
   * whose transactions stay valid: there it is sent again for as long as it takes.
   */
  isExpired?(stored: { readonly hash: string; readonly unsigned: UnsignedTransaction }): Promise<boolean>;
  /** Sends a stored raw transaction, as often as needed. Throws `GasTankEmpty` when the node says the sender cannot pay. */
  broadcast(raw: string): Promise<BroadcastOutcome>;
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

/** The tokens of a chain that may be paid with today. */
export function acceptedTokens(network: ChainNetwork): readonly ChainToken[] {
  return network.tokens.filter(({ sweepMethod }) => sweepMethod === "receive_with_authorization");
}
