import { getAddress } from "ethers";
import { NANODOLLARS_PER_DOLLAR, type Nanodollars, nanodollars } from "../../../money/nanodollars.ts";
import type { ChainToken, EvmNetwork } from "../chain.ts";
import { MULTICALL3_ADDRESS } from "./multicall.ts";

const dollars = (whole: bigint): Nanodollars => nanodollars(whole * NANODOLLARS_PER_DOLLAR);

const ROLLUP = {
  kind: "evm",
  nativeSymbol: "ETH",
  nativePrice: dollars(4_000n),
  blockTimeSeconds: 2,
  confirmations: [{ upTo: dollars(100n), blocks: 3 }, { upTo: dollars(10_000n), blocks: 12 }, { blocks: 64 }],
  sweepConfirmations: 3,
  reorgWindowBlocks: 128,
  topUpLimitUnits: 5n * 10n ** 16n,
  multicall: MULTICALL3_ADDRESS,
  // A rollup is final once the layer below it is: about a quarter of an hour, taken twice.
  finalityBlocks: 900,
} as const;

// A milestone makes blocks final within seconds since Heimdall 2; before it the deepest fork was 157 blocks (2023), so twice that is waited.
const POLYGON = {
  kind: "evm",
  nativeSymbol: "POL",
  nativePrice: nanodollars(NANODOLLARS_PER_DOLLAR / 4n),
  blockTimeSeconds: 2,
  confirmations: [{ upTo: dollars(100n), blocks: 5 }, { upTo: dollars(10_000n), blocks: 32 }, { blocks: 128 }],
  sweepConfirmations: 32,
  reorgWindowBlocks: 320,
  multicall: MULTICALL3_ADDRESS,
  finalityBlocks: 320,
} as const;

/** The public EVM chains we know, as data. Sources of the addresses: Circle's USDC contract list. */
export const evmNetworks: readonly EvmNetwork[] = [
  {
    ...ROLLUP,
    id: "eip155:8453",
    shortName: "base",
    chainId: 8453,
    name: "Base",
    explorerUrl: "https://basescan.org",
    tokens: [usdc("0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913", "USD Coin")],
  },
  {
    ...ROLLUP,
    id: "eip155:84532",
    shortName: "base-sepolia",
    chainId: 84532,
    name: "Base Sepolia",
    explorerUrl: "https://sepolia.basescan.org",
    tokens: [usdc("0x036CbD53842c5426634e7929541eC2318f3dCF7e", "USDC")],
  },
  {
    ...ROLLUP,
    id: "eip155:11155111",
    shortName: "sepolia",
    chainId: 11_155_111,
    name: "Sepolia",
    explorerUrl: "https://sepolia.etherscan.io",
    blockTimeSeconds: 12,
    finalityBlocks: 96,
    tokens: [usdc("0x1c7D4B196Cb0C7B01d743Fbc6116a902379C7238", "USDC")],
  },
  {
    ...POLYGON,
    id: "eip155:137",
    shortName: "polygon",
    chainId: 137,
    name: "Polygon",
    explorerUrl: "https://polygonscan.com",
    tokens: [usdc("0x3c499c542cEF5E3811e1192ce70d8cC03d5c3359", "USD Coin")],
  },
  {
    ...POLYGON,
    id: "eip155:80002",
    shortName: "polygon-amoy",
    chainId: 80_002,
    name: "Polygon Amoy",
    explorerUrl: "https://amoy.polygonscan.com",
    tokens: [usdc("0x41E94Eb019C0762f9Bfcf9Fb1E58725BfB0e7582", "USDC")],
  },
];

/**
 * A chain of one's own for the sandbox and tests: chain id 31337 unless told, token addresses from whoever deployed them, one
 * confirmation up to $1,000, two up to $10,000, three above.
 */
export function localNetwork(options: {
  readonly usdc: string;
  readonly usdt?: string;
  readonly chainId?: number;
  readonly usdcName?: string;
}): EvmNetwork {
  const chainId = options.chainId ?? 31_337;
  const usdt: readonly ChainToken[] =
    options.usdt === undefined
      ? []
      : [{ symbol: "USDT", address: getAddress(options.usdt), decimals: 6, sweepMethod: "gas_top_up" }];
  return {
    ...ROLLUP,
    id: `eip155:${chainId}`,
    shortName: "local",
    chainId,
    name: "Local chain",
    explorerUrl: "",
    blockTimeSeconds: 1,
    confirmations: [{ upTo: dollars(1_000n), blocks: 1 }, { upTo: dollars(10_000n), blocks: 2 }, { blocks: 3 }],
    sweepConfirmations: 1,
    reorgWindowBlocks: 32,
    finalityBlocks: 12,
    tokens: [usdc(options.usdc, options.usdcName ?? "USD Coin"), ...usdt],
  };
}

/** What the environment says about the one chain it configures. */
export type NetworkSetting = {
  readonly chainId: number;
  readonly shortName: string;
  readonly nativePrice: Nanodollars;
  readonly explorerUrl?: string;
  readonly usdc?: string;
  readonly usdt?: string;
  /** Blocks every deposit needs, whatever its amount; absent keeps the network's own tiers. */
  readonly confirmations?: number;
};

/**
 * The network of a chain id with what the environment says on top: a known one keeps its tokens unless told otherwise, an unknown one
 * needs the address of its USDC. Throws a plain error naming the missing variable.
 */
export function configuredNetwork(setting: NetworkSetting): EvmNetwork {
  const known = evmNetworks.find((network) => network.chainId === setting.chainId);
  const { usdc: usdcAddress, usdt, confirmations, explorerUrl, shortName, nativePrice, chainId } = setting;
  const base =
    usdcAddress === undefined
      ? known
      : withTokens(known, { usdc: usdcAddress, chainId, ...(usdt === undefined ? {} : { usdt }) });
  if (base === undefined) throw new Error(`Chain ${chainId} is not known: set USDC_ADDRESS to its USDC contract.`);
  return {
    ...base,
    shortName,
    nativePrice,
    explorerUrl: explorerUrl?.replace(/\/+$/, "") ?? base.explorerUrl,
    confirmations: confirmations === undefined ? base.confirmations : [{ blocks: confirmations }],
  };
}

function withTokens(
  known: EvmNetwork | undefined,
  addresses: { readonly usdc: string; readonly usdt?: string; readonly chainId: number },
): EvmNetwork {
  const local = localNetwork(addresses);
  if (known === undefined) return local;
  const own = known.tokens.find((token) => token.address === getAddress(addresses.usdc));
  const usdcToken = own ?? usdc(addresses.usdc, known.tokens[0]?.eip712?.name ?? "USD Coin");
  return { ...known, tokens: [usdcToken, ...local.tokens.filter((token) => token.symbol !== "USDC")] };
}

function usdc(address: string, name: string): ChainToken {
  return {
    symbol: "USDC",
    address: getAddress(address),
    decimals: 6,
    sweepMethod: "receive_with_authorization",
    eip712: { name, version: "2" },
  };
}
