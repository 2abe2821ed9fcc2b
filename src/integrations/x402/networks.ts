/** One token that pays on a network. `eip712` is the signing domain of an EIP-3009 token, which is sent to clients word for word. */
export type X402Token = {
  readonly symbol: string;
  readonly address: string;
  readonly decimals: number;
  readonly eip712?: { readonly name: string; readonly version: string };
};

/**
 * One chain as x402 names it. `id` is our registry's, stored with every row; `caip2` is what travels: they differ on a local Solana
 * chain, which poses as devnet because clients know no other. `v1Name` is null where protocol version 1 has no name for the chain.
 */
export type X402Network = {
  readonly id: string;
  readonly caip2: string;
  readonly v1Name: string | null;
  readonly kind: "evm" | "solana";
  readonly shortName: string;
  readonly isTest: boolean;
  readonly tokens: readonly X402Token[];
};

/** What a chain's own data must say to become a network here; `ChainNetwork` has all of it. */
export type ChainFacts = {
  readonly id: string;
  readonly kind: "evm" | "solana";
  readonly shortName: string;
  readonly tokens: readonly (X402Token & { readonly sweepMethod: string })[];
};

// CAIP-2 ids are the first 32 characters of the genesis hash (CAIP-30) or the chain id. Names of protocol version 1: x402 specification v1.
const SOLANA_DEVNET = "solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1";
const V1_NAMES: Readonly<Record<string, string>> = {
  "solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp": "solana",
  [SOLANA_DEVNET]: "solana-devnet",
  "eip155:8453": "base",
  "eip155:84532": "base-sepolia",
  "eip155:137": "polygon",
  "eip155:80002": "polygon-amoy",
};
const MAINNETS: readonly string[] = [
  "solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp",
  "eip155:8453",
  "eip155:137",
  "eip155:1",
];
const LOCAL_SOLANA = "solana:local";

/**
 * The chains on which x402's `exact` scheme can be paid: Solana, and EVM chains with a token of EIP-3009. Tokens without it are left out,
 * and a chain of which none is left too.
 */
export function x402Networks(chains: readonly ChainFacts[], acceptedTokens: readonly string[]): readonly X402Network[] {
  return chains.flatMap((chain) => {
    const payable = chain.tokens.filter(({ symbol, eip712 }) => {
      if (!acceptedTokens.includes(symbol)) return false;
      return chain.kind === "solana" || eip712 !== undefined;
    });
    if (payable.length === 0) return [];
    const caip2 = chain.id === LOCAL_SOLANA ? SOLANA_DEVNET : chain.id;
    return [
      {
        id: chain.id,
        caip2,
        v1Name: V1_NAMES[caip2] ?? null,
        kind: chain.kind,
        shortName: chain.shortName,
        isTest: !MAINNETS.includes(caip2),
        tokens: payable.map(({ symbol, address, decimals, eip712 }) => ({
          symbol,
          address,
          decimals,
          ...(eip712 === undefined ? {} : { eip712 }),
        })),
      },
    ];
  });
}
