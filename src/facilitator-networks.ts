import { publicNetwork } from "./access-networks.ts";
import type { FacilitatorConfig } from "./config.ts";
import { readChains } from "./context.ts";
import type { ChainNetwork } from "./integrations/chains/chain.ts";
import { type X402Network, x402Networks } from "./integrations/x402/networks.ts";
import { type EvmSpending, readSpending } from "./integrations/x402/own-facilitator/dearer-fees.ts";

/** One network our facilitator is to serve: where its node is, and on Solana which first block proves it (absent on a local chain). */
export type FacilitatorNetwork = {
  readonly network: X402Network;
  readonly rpcUrl: string;
  readonly genesisHash?: string;
};

/** What one settlement on an EVM network may cost, in base units of its native coin, and when one that is not mined gets higher fees. */
export function evmSpending(config: FacilitatorConfig, network: Pick<X402Network, "shortName">): EvmSpending {
  const { FACILITATOR_MAX_NETWORK_FEE: fees, FACILITATOR_STUCK_SECONDS: stuckAfterSeconds } = config;
  const fee = fees.find((one) => one.network === network.shortName) ?? fees.find((one) => one.network === "*");
  return readSpending({ mostFee: fee?.coins ?? "0", stuckAfterSeconds });
}

/** The networks of the configuration that x402 can be paid on: the same that the API offers. Throws a plain error for an unknown one. */
export function facilitatorNetworks(config: FacilitatorConfig): readonly FacilitatorNetwork[] {
  const further = config.ACCESS_RPC_ENDPOINTS.map(({ name, rpcUrl }) => ({ network: publicNetwork(name), rpcUrl }));
  const all: readonly { readonly network: ChainNetwork; readonly rpcUrl: string }[] = [
    ...readChains(config),
    ...further,
  ];
  return all.flatMap(({ network: chain, rpcUrl }) => {
    const genesisHash = chain.kind === "solana" ? chain.genesisHash : undefined;
    return x402Networks([chain], config.ACCEPTED_TOKENS).map((network) => ({
      network,
      rpcUrl,
      ...(genesisHash === undefined ? {} : { genesisHash }),
    }));
  });
}
