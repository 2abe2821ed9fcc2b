import type { Chain, ChainNetwork, ChainToken } from "./chain.ts";
import { acceptedTokens } from "./chain.ts";
import { ChainNotSupported, TokenNotSupported } from "./errors.ts";
import { openEvmChain } from "./evm/chain.ts";
import type { JsonRpcPatience } from "./evm/json-rpc.ts";
import { openSolanaChain } from "./solana/chain.ts";

/** The configured chains, found by CAIP-2 id or short name. */
export type ChainRegistry = {
  readonly chains: readonly Chain[];
  /** Throws `ChainNotSupported` for anything unknown. */
  find(idOrShortName: string): Chain;
  /** Finds an accepted token by symbol or address. Throws `ChainNotSupported` or `TokenNotSupported`. */
  findToken(input: { readonly chain: string; readonly token: string }): {
    readonly chain: Chain;
    readonly token: ChainToken;
  };
};

/** One chain to open. URLs may carry a provider key: they are used and never shown. With `secondRpcUrl` two providers are compared. */
export type ChainSetting = {
  readonly network: ChainNetwork;
  readonly rpcUrl: string;
  readonly secondRpcUrl?: string | undefined;
  readonly patience?: Partial<JsonRpcPatience>;
};

/** Opens a chain by its kind. */
function openChain({ network, secondRpcUrl, ...rest }: ChainSetting): Chain {
  if (network.kind === "evm") return openEvmChain({ network, secondRpcUrl, ...rest });
  return openSolanaChain({ network, ...rest });
}

/** Opens every configured chain. Two settings with the same id or short name stop the start. */
export function openChains(settings: readonly ChainSetting[]): ChainRegistry {
  return registerChains(settings.map(openChain));
}

/** A registry of chains that are open already. Throws a plain error when two have the same id or short name. */
export function registerChains(chains: readonly Chain[]): ChainRegistry {
  const byName = new Map<string, Chain>();
  for (const chain of chains) {
    for (const name of [chain.network.id, chain.network.shortName]) {
      if (byName.has(name)) throw new Error(`The chain "${name}" is configured twice.`);
      byName.set(name, chain);
    }
  }
  const find = (idOrShortName: string) => {
    const chain = byName.get(idOrShortName);
    if (chain === undefined) throw new ChainNotSupported(idOrShortName);
    return chain;
  };
  return {
    chains,
    find,
    findToken: (input) => {
      const chain = find(input.chain);
      const token = acceptedTokens(chain.network).find(
        ({ symbol, address }) => symbol === input.token || address === input.token,
      );
      if (token === undefined) throw new TokenNotSupported(input.token, chain.network.name);
      return { chain, token };
    },
  };
}
