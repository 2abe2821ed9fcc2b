import type { DepositKey, SponsoredTransfer, TransferAuthorization, UnsignedTransaction } from "./chain.ts";

/** A signed transaction: `raw` is what the network takes, `hash` what it will be called there. */
export type SignedTransaction = { readonly raw: string; readonly hash: string };

/**
 * The only holder of private keys, on the worker's side: an encrypted keystore here, a KMS behind the same port. It decides by
 * itself what it signs: tokens leave a deposit address only towards the treasury or the vendor wallet; the vendor wallet only sends
 * such authorised transfers of known tokens, a bounded amount of native coin to deposit addresses of its own ring, and nothing to
 * itself (which fills a gap in its nonces). Everything else throws `DestinationRefused`. It can be printed safely.
 */
export type Signer = {
  /** The wallet that pays for gas. Native coin is sent here to refill it. */
  readonly vendorWallet: string;
  /** Where swept tokens go: the offramp wallet. The vendor wallet itself unless a cold one is configured. */
  readonly treasury: string;
  /** The key ring whose deposit keys it can derive. */
  readonly keyRingId: string;
  /** The EIP-712 signature of an EIP-3009 authorization, 65 bytes as hex. Throws `KeyRingNotLoaded` for another ring. */
  signTransferAuthorization(key: DepositKey, authorization: TransferAuthorization): Promise<string>;
  /** Signs a call of the vendor wallet or, with `signedBy`, of a deposit address. A key service may answer other bytes each time: what is stored first is what is sent. */
  signTransaction(transaction: UnsignedTransaction, nonce: number): Promise<SignedTransaction>;
  /**
   * Solana's signers alone: a transfer from a deposit address or from the vendor wallet itself, which pays for both. The same transfer
   * always gives the same bytes.
   */
  signSponsoredTransfer?(key: DepositKey | "vendor", transfer: SponsoredTransfer): Promise<SignedTransaction>;
};
