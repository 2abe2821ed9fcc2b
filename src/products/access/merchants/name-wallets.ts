import type { X402Network } from "../../../integrations/x402/networks.ts";
import { NetworkNotOffered } from "../merchant-errors.ts";

/** A wallet as somebody named it, on a network we have. Nothing is known of the address yet. */
export type NamedWallet = { readonly network: X402Network; readonly address: string };

const EVM_FORM = /^0x/i;

/**
 * The wallets somebody named: `walletAddress` stands for every network of its kind (0x is EVM, anything else Solana), and `wallets`
 * for single networks, by id, CAIP-2 id, short name or the name in x402 version 1; there it wins over the first. Pure. Throws
 * {@link NetworkNotOffered} for a network we have not, one named twice, or a walletAddress that fits none.
 */
export function nameWallets(
  networks: readonly X402Network[],
  input: { readonly walletAddress?: string | undefined; readonly wallets: Readonly<Record<string, string>> },
): readonly NamedWallet[] {
  const single = new Map<string, NamedWallet>();
  for (const [name, address] of Object.entries(input.wallets)) {
    const network = findNetwork(networks, name);
    if (single.has(network.id)) {
      throw new NetworkNotOffered(`The wallets name ${network.shortName} twice.`, namesOf(networks));
    }
    single.set(network.id, { network, address });
  }
  return [...single.values(), ...walletOfKind(networks, input).filter(({ network }) => !single.has(network.id))];
}

/** The network of a name: id, CAIP-2 id, short name or x402 version 1 name. Throws {@link NetworkNotOffered}. */
export function findNetwork(networks: readonly X402Network[], name: string): X402Network {
  const found = networks.find((network) => {
    return [network.id, network.caip2, network.shortName, network.v1Name].includes(name);
  });
  if (found === undefined) {
    throw new NetworkNotOffered(`There is no network "${name.slice(0, 64)}" here.`, namesOf(networks));
  }
  return found;
}

function walletOfKind(
  networks: readonly X402Network[],
  { walletAddress: address }: { readonly walletAddress?: string | undefined },
): readonly NamedWallet[] {
  if (address === undefined) return [];
  const kind = EVM_FORM.test(address) ? "evm" : "solana";
  const fitting = networks.filter((network) => network.kind === kind);
  if (fitting.length === 0) {
    const family = kind === "evm" ? "an EVM network (it begins with 0x)" : "Solana (it does not begin with 0x)";
    throw new NetworkNotOffered(
      `The walletAddress is one of ${family}, and no such network is here.`,
      namesOf(networks),
    );
  }
  return fitting.map((network) => ({ network, address }));
}

function namesOf(networks: readonly X402Network[]): readonly string[] {
  return networks.map(({ shortName }) => shortName);
}
