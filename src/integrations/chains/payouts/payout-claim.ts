/**
 * Which payout sends tokens of the settlement wallet, by its id. A claim, not a proof: the signer reads the payout's row itself and signs
 * nothing that differs from it.
 */
export type PayoutClaim = { readonly payoutId: string };
