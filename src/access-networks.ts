import type { Chain, EvmNetwork } from "./integrations/chains/chain.ts";
import { evmNetworks } from "./integrations/chains/evm/networks.ts";
import { type ChainRegistry, openChains, registerChains } from "./integrations/chains/registry.ts";
import { type X402Network, x402Networks } from "./integrations/x402/networks.ts";

/** What the environment says about paying for access: further networks by their short name, and the tokens that are taken. */
export type AccessSetting = {
  readonly endpoints: readonly { readonly name: string; readonly rpcUrl: string }[];
  readonly acceptedTokens: readonly string[];
};

/**
 * Where access can be paid: those of `chains` that x402 can be paid on, and the further networks, which nobody watches for deposits.
 * Throws a plain error naming an unknown network or one that is configured twice.
 */
export function openAccessNetworks(
  { chains }: { readonly chains: ChainRegistry },
  { endpoints, acceptedTokens }: AccessSetting,
): { readonly accessChains: ChainRegistry; readonly x402Networks: readonly X402Network[] } {
  const further = openChains(endpoints.map(({ name, rpcUrl }) => ({ network: publicNetwork(name), rpcUrl })));
  const isPayable = ({ network }: Chain) => x402Networks([network], acceptedTokens).length > 0;
  const accessChains = registerChains([...chains.chains, ...further.chains].filter(isPayable));
  const offered = x402Networks(
    accessChains.chains.map(({ network }) => network),
    acceptedTokens,
  );
  return { accessChains, x402Networks: offered };
}

/** A network of our registry by its short name. Throws a plain error for any other. */
export function publicNetwork(name: string): EvmNetwork {
  const network = evmNetworks.find(({ shortName }) => shortName === name);
  if (network !== undefined) return network;
  const known = evmNetworks.map(({ shortName }) => shortName).join(", ");
  throw new Error(`ACCESS_RPC_ENDPOINTS names "${name.slice(0, 40)}", which is none of ${known}.`);
}
