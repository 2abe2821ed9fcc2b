/** The kinds of product an offer can be. Each has its own file in this folder and one row in the registry. */
export const OFFER_KINDS = ["s3_bucket"] as const;

/** One of {@link OFFER_KINDS}. */
export type OfferKindName = (typeof OFFER_KINDS)[number];
