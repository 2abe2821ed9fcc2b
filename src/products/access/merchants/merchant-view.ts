import { z } from "zod";
import type { X402Network } from "../../../integrations/x402/networks.ts";
import type { Merchant } from "../merchant.ts";

const WALLETS = "By the network's short name. Payments go there while the settlement mode is direct.";

/** What is shown of a merchant: to itself, and to operators. */
export const MerchantMembers = {
  merchantId: z.string(),
  name: z.string(),
  walletAddress: z.string(),
  wallets: z.record(z.string(), z.string()).meta({ description: WALLETS }),
  settlementMode: z.enum(["direct", "custodial"]).meta({
    description: "direct: buyers pay the merchant's wallet. custodial: they pay the platform's, which pays out.",
  }),
  refundsUnused: z.boolean().meta({ description: "Whether time given back early becomes the buyer's balance." }),
  isActive: z.boolean(),
  createdAt: z.string(),
};

/** The fee a merchant pays now. */
export const FeeMember = {
  platformFeeBasisPoints: z.number().int().meta({ description: "The fee of a sale now, in hundredths of a per cent." }),
};

/** The fee the operator gave a merchant itself. */
export const OwnFeeMember = {
  feeBasisPoints: z.number().int().nullable().meta({ description: "Its own rate; null: the tiers by volume." }),
};

/** Shows a merchant. A network that is configured no more goes by its id. */
export function showMerchant(networks: readonly X402Network[], merchant: Merchant) {
  const nameOf = (id: string) => networks.find((network) => network.id === id)?.shortName ?? id;
  return {
    merchantId: merchant.id,
    name: merchant.name,
    walletAddress: merchant.walletAddress,
    wallets: Object.fromEntries(merchant.wallets.map(({ network, address }) => [nameOf(network), address])),
    settlementMode: merchant.settlementMode,
    refundsUnused: merchant.refundsUnused,
    isActive: merchant.isActive,
    createdAt: merchant.createdAt.toISOString(),
  };
}
