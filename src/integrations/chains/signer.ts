import type { DepositKey, SponsoredTransfer, TransferAuthorization, UnsignedTransaction } from "./chain.ts";

/** A signed transaction: `raw` is what the network takes, `hash` what it will be called there. */
export type SignedTransaction = { readonly raw: string; readonly hash: string };

/** What a payout's row says of tokens that are to leave the settlement wallet; undefined unless it is open. `token` is a symbol. */
export type ReadPayout = (payoutId: string) => Promise<
  | {
      readonly network: string;
      readonly token: string;
      readonly destination: string;
      readonly amountUnits: bigint;
    }
  | undefined
>;

/**
 * The only holder of private keys, on the worker's side: an encrypted keystore here, a KMS behind the same port. It decides by
 * itself what it signs: tokens leave a deposit address only towards the treasury or the vendor wallet; the vendor wallet only sends
 * such authorised transfers of known tokens, a bounded amount of native coin to deposit addresses of its own ring, and nothing to
 * itself (which fills a gap in its nonces). Tokens leave the settlement wallet only as a row of a payout says. Everything else throws `DestinationRefused`. It can be printed safely.
 */
export type Signer = {
  /** The wallet that pays for gas. Native coin is sent here to refill it. */
  readonly vendorWallet: string;
  /** Where swept tokens go: the offramp wallet. The vendor wallet itself unless a cold one is configured. */
  readonly treasury: string;
  /** Takes payments for merchants in custodial mode; a wallet of its own, which nobody watches as the treasury. */
  readonly settlementWallet: string;
  /** The key ring whose deposit keys it can derive. */
  readonly keyRingId: string;
  /** The EIP-712 signature of an EIP-3009 authorization, 65 bytes as hex. Throws `KeyRingNotLoaded` for another ring. */
  signTransferAuthorization(key: DepositKey | "settlement", authorization: TransferAuthorization): Promise<string>;
  /** Signs a call of the vendor wallet or, with `signedBy`, of a deposit address. A key service may answer other bytes each time: what is stored first is what is sent. */
  signTransaction(transaction: UnsignedTransaction, nonce: number): Promise<SignedTransaction>;
  /**
   * Solana's signers alone: a transfer from a deposit address, the settlement wallet, or the vendor wallet, which pays for all. The same transfer
   * always gives the same bytes.
   */
  signSponsoredTransfer?(
    key: DepositKey | "vendor" | "settlement",
    transfer: SponsoredTransfer,
  ): Promise<SignedTransaction>;
};
