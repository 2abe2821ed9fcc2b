import { NANODOLLARS_PER_DOLLAR, type Nanodollars, nanodollars } from "../../../money/nanodollars.ts";
import type { SolanaNetwork } from "../chain.ts";
import { whyNotWallet } from "./token-accounts.ts";

/** Slots after which the cluster cannot replace a block: it is asked for finality itself from there on, and never believed by depth alone. */
export const FINALITY_SLOTS = 32;

const FEW_DOLLARS: Nanodollars = nanodollars(1_000n * NANODOLLARS_PER_DOLLAR);

/** Which cluster. `local` is any other than the public two: its genesis hash is not known beforehand. */
export type SolanaCluster = "mainnet" | "devnet" | "local";

type ClusterFacts = {
  readonly id: string;
  readonly name: string;
  readonly genesisHash?: string;
  readonly usdc?: string;
};

// Ids: CAIP-30, the first 32 characters of the genesis hash. Mints: Circle's USDC contract list.
const CLUSTERS: Readonly<Record<SolanaCluster, ClusterFacts>> = {
  mainnet: {
    id: "solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp",
    name: "Solana",
    genesisHash: "5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d",
    usdc: "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v",
  },
  devnet: {
    id: "solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1",
    name: "Solana devnet",
    genesisHash: "EtWTRABZaYq6iMfeYKouRu166VU2xqa1wcaWoxPkrZBG",
    usdc: "4zMMC9srt5Ri5X14GAgXhaHii3GnPAEERYPJgZJDncDU",
  },
  local: { id: "solana:local", name: "Local Solana chain" },
};

/** What the environment says about Solana. `usdc` is needed on a local chain only. */
export type SolanaSetting = {
  readonly cluster: SolanaCluster;
  readonly shortName: string;
  readonly nativePrice: Nanodollars;
  readonly usdc?: string;
};

/**
 * The network of a cluster. Deposits up to $1,000 count when two thirds of the stake voted for their block (`confirmed`, about a second);
 * larger ones when the block is `finalized` (about 13 seconds). Throws a plain error naming the missing or wrong variable.
 */
export function solanaNetwork(setting: SolanaSetting): SolanaNetwork {
  const { usdc: known, ...facts } = CLUSTERS[setting.cluster];
  const usdc = setting.usdc ?? known;
  if (usdc === undefined) throw new Error("A local Solana chain is not known: set SOLANA_USDC_MINT to its USDC mint.");
  if (/^.{0,31}$|^.{45,}$/.test(usdc) || whyNotWallet(usdc)?.includes("bytes") === true)
    throw new Error("SOLANA_USDC_MINT is not the address of a mint.");
  return {
    ...facts,
    kind: "solana",
    shortName: setting.shortName,
    explorerUrl: setting.cluster === "mainnet" ? "https://solscan.io" : "",
    nativeSymbol: "SOL",
    nativePrice: setting.nativePrice,
    nativeDecimals: 9,
    blockTimeSeconds: 0.4,
    confirmations: [{ upTo: FEW_DOLLARS, blocks: 1 }, { blocks: FINALITY_SLOTS }],
    sweepConfirmations: FINALITY_SLOTS,
    reorgWindowBlocks: 4 * FINALITY_SLOTS,
    finalityBlocks: FINALITY_SLOTS,
    tokens: [{ symbol: "USDC", address: usdc, decimals: 6, sweepMethod: "sponsored_transfer" }],
  };
}
