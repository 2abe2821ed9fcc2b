/** How a merchant's money moves: straight to its own wallet, or to the platform's settlement wallet and from there by payout. */
export type SettlementMode = "direct" | "custodial";

/** A wallet a merchant is paid at. `network` is of our chain registry; the address is in that chain's canonical spelling. */
export type MerchantWallet = { readonly network: string; readonly address: string };

/** A seller of access. `feeBasisPoints` is the operator's own rate for it; null leaves it to the tiers by monthly volume. */
export type Merchant = {
  readonly id: string;
  readonly name: string;
  /** The one of the seed's `walletAddress`, as registered. */
  readonly walletAddress: string;
  readonly wallets: readonly MerchantWallet[];
  readonly feeBasisPoints: number | null;
  readonly settlementMode: SettlementMode;
  /** Whether time that is given back early becomes the payer's balance. */
  readonly refundsUnused: boolean;
  readonly isActive: boolean;
  readonly createdAt: Date;
};
