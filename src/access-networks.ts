import { DomainError } from "./errors.ts";
import type { Chain, EvmNetwork } from "./integrations/chains/chain.ts";
import { ChainIdMismatch } from "./integrations/chains/errors.ts";
import { evmNetworks } from "./integrations/chains/evm/networks.ts";
import { type ChainRegistry, openChains, registerChains } from "./integrations/chains/registry.ts";
import { type X402Network, x402Networks } from "./integrations/x402/networks.ts";
import type { Logger } from "./platform/logger.ts";

/** What the environment says about paying for access: further networks by their short name, and the tokens that are taken. */
export type AccessSetting = {
  readonly endpoints: readonly { readonly name: string; readonly rpcUrl: string }[];
  readonly acceptedTokens: readonly string[];
};

/** Where access can be paid, and the look that keeps the list of what is offered true. */
export type AccessNetworks = {
  readonly accessChains: ChainRegistry;
  /** Changes: see {@link AccessNetworks.checkX402Networks}. */
  readonly x402Networks: readonly X402Network[];
  /**
   * Compares each network with its node: chain id or genesis, and each token's decimals and signing domain. One that differs is offered no
   * more, until a later check finds it right; one whose node does not answer stays as it was. Never throws because of a node.
   */
  readonly checkX402Networks: (needs: { readonly logger: Pick<Logger, "error" | "warn" | "info"> }) => Promise<void>;
};

/** Nodes are changed behind their address now and then. */
const CHECK_AGAIN_MILLISECONDS = 300_000;

/**
 * Where access can be paid: those of `chains` that x402 can be paid on, and the further networks, which nobody watches for deposits.
 * Throws a plain error naming an unknown network or one that is configured twice.
 */
export function openAccessNetworks(
  { chains }: { readonly chains: ChainRegistry },
  { endpoints, acceptedTokens }: AccessSetting,
): AccessNetworks {
  const further = openChains(endpoints.map(({ name, rpcUrl }) => ({ network: publicNetwork(name), rpcUrl })));
  const isPayable = ({ network }: Chain) => x402Networks([network], acceptedTokens).length > 0;
  const accessChains = registerChains([...chains.chains, ...further.chains].filter(isPayable));
  const all = x402Networks(
    accessChains.chains.map(({ network }) => network),
    acceptedTokens,
  );
  const offered = [...all];
  const checkX402Networks: AccessNetworks["checkX402Networks"] = async ({ logger }) => {
    const right = await Promise.all(
      all.map(async (network) => {
        const wasOffered = offered.includes(network);
        const chain = accessChains.find(network.id);
        return (await isRight({ logger }, { chain, network, wasOffered })) ? [network] : [];
      }),
    );
    offered.splice(0, offered.length, ...right.flat());
  };
  return { accessChains, x402Networks: offered, checkX402Networks };
}

/**
 * What the settings name and no configured network has, a line each: access is not paid by it, which would be noticed by its absence only.
 * Pure.
 */
export function unusedSettings(setting: {
  readonly acceptedTokens: readonly string[];
  readonly preferredNetwork: string | null;
  readonly networks: readonly X402Network[];
}): readonly string[] {
  const { acceptedTokens, preferredNetwork, networks } = setting;
  const symbols = networks.flatMap(({ tokens }) => tokens.map(({ symbol }) => symbol));
  const names = networks.flatMap(({ id, caip2, v1Name }) => [id, caip2, v1Name]);
  const absent = acceptedTokens.filter((token) => !symbols.includes(token));
  return [
    ...(networks.length === 0 ? ["access cannot be paid: no configured network has a token of ACCEPTED_TOKENS"] : []),
    ...absent.map((token) => `ACCEPTED_TOKENS names ${token}, which no configured network can be paid in`),
    ...(preferredNetwork === null || names.includes(preferredNetwork)
      ? []
      : [`PAYAI_NETWORK names ${preferredNetwork}, which is not configured: offers begin with another network`]),
  ];
}

/** Checks the networks now and every five minutes, in the background: a node that is away never holds up a start. */
export function keepCheckingNetworks(needs: {
  readonly checkX402Networks: AccessNetworks["checkX402Networks"];
  readonly logger: Logger;
}): void {
  const check = () => {
    needs.checkX402Networks(needs).catch((error: unknown) => {
      needs.logger.error({ err: error }, "the networks that access is paid on could not be checked");
    });
  };
  check();
  setInterval(check, CHECK_AGAIN_MILLISECONDS).unref();
}

async function isRight(
  needs: { readonly logger: Pick<Logger, "error" | "warn" | "info"> },
  input: { readonly chain: Chain; readonly network: X402Network; readonly wasOffered: boolean },
): Promise<boolean> {
  const { network, wasOffered } = input;
  try {
    const problem = await findProblem(input);
    if (problem === undefined) {
      if (!wasOffered) needs.logger.info({ network: network.id }, "a network is as we know it again, and offered");
      return true;
    }
    needs.logger.error({ network: network.id, problem }, "a network is not what we know it as: it is not offered");
    return false;
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    needs.logger.warn({ network: network.id, reason: error.message }, "a network could not be checked");
    return wasOffered;
  }
}

async function findProblem({ chain, network }: { readonly chain: Chain; readonly network: X402Network }) {
  try {
    await chain.readHead();
  } catch (error) {
    if (error instanceof ChainIdMismatch) return error.message;
    throw error;
  }
  for (const token of network.tokens) {
    const why = await chain.payments?.whyNotToken(token);
    if (why !== undefined) return `${token.symbol} at ${token.address}: ${why}`;
  }
  return undefined;
}

/** A network of our registry by its short name. Throws a plain error for any other. */
export function publicNetwork(name: string): EvmNetwork {
  const network = evmNetworks.find(({ shortName }) => shortName === name);
  if (network !== undefined) return network;
  const known = evmNetworks.map(({ shortName }) => shortName).join(", ");
  throw new Error(`ACCESS_RPC_ENDPOINTS names "${name.slice(0, 40)}", which is none of ${known}.`);
}
