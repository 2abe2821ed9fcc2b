import type { ChainKind } from "./chain.ts";

/**
 * The public half of a mnemonic: derives deposit addresses and can spend nothing. Its `id` comes from the xpub, so another
 * mnemonic is another ring and their indexes never mix.
 */
export type KeyRing = {
  readonly id: string;
  readonly kind: ChainKind;
  /** SHA-256 of the xpub as hex: recognises the ring without storing what links all its addresses. */
  readonly fingerprint: string;
  /** The address at `index`, in the canonical spelling of the chain kind (EIP-55). 0 to 2^31 - 1. */
  deriveAddress(index: number): string;
};
