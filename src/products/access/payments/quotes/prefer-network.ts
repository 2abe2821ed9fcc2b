import type { X402Network } from "../../../../integrations/x402/networks.ts";

/**
 * The networks with the operator's own choice first, which is what a 402's plain headers speak of; the order of the others stays. `preferred`
 * is a v1 name, a CAIP-2 id or our own. Pure. Source: seed 001, `PAYAI_NETWORK`.
 */
export function preferNetwork(networks: readonly X402Network[], preferred: string | null): readonly X402Network[] {
  const isPreferred = ({ id, caip2, v1Name }: X402Network) => [id, caip2, v1Name].includes(preferred);
  if (preferred === null) return networks;
  return [...networks.filter(isPreferred), ...networks.filter((network) => !isPreferred(network))];
}
