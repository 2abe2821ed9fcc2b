import type { WireObject } from "./facilitator.ts";

/**
 * A payment as a request presented it, by the header it came in: `PAYMENT-SIGNATURE` (v2), `X-PAYMENT` (v1), `x-payment-authorization:
 * PAY2` (seed 001). Well-formed, and nothing else is known of it yet. `payload` is the whole object as it travelled, version and all.
 */
export type PresentedPayment =
  | {
      readonly dialect: "v2";
      readonly payload: WireObject;
      /** The terms the client chose, as it echoes them. */
      readonly accepted: WireObject;
      /** `info.id` of the payment-identifier extension. */
      readonly paymentIdentifier: string | null;
    }
  | { readonly dialect: "v1"; readonly payload: WireObject; readonly network: string; readonly scheme: string }
  | {
      readonly dialect: "pay2";
      /** The transaction that paid: a Solana signature in base 58, or an EVM hash. */
      readonly transaction: string;
      readonly quoteId: string | null;
      /** The quote's secret, or the payer's signature over the quote id. */
      readonly proof: string | null;
    };

/**
 * What a signed v1 or v2 payload says, read from its own bytes. `key` is what makes it unique on its network: the hash of the Solana
 * message, or payer and nonce of the EIP-3009 authorization. After `validUntil` it can land no more; null where that is not in it.
 */
export type SignedPayment = {
  readonly x402Version: 1 | 2;
  /** Of our registry. */
  readonly network: string;
  readonly kind: "evm" | "solana";
  readonly key: string;
  readonly payer: string;
  /** Who is paid: on Solana the token account, whose owner is not in the transaction; `checkSignedPayment` derives it. */
  readonly payTo: string;
  /** The token's address or mint. On EVM it is the one the signature is for, or else the one the client says it chose. */
  readonly asset: string;
  readonly amountUnits: bigint;
  readonly memo: string | null;
  readonly validFrom: Date | null;
  readonly validUntil: Date | null;
  /** Solana: who pays the network's fee, and the program of the token. */
  readonly feePayer: string | null;
  readonly tokenProgram: string | null;
  /** `unchecked`: left to the facilitator, as is an EVM signature for a token that the client names, and any of a smart wallet. */
  readonly signature: "proven" | "wrong" | "unchecked";
};

/** One way to pay a quote, as it was offered and is stored with it. `requirements` is the v2 entry of `accepts`, word for word. */
export type QuoteOption = {
  /** Of our registry. */
  readonly network: string;
  readonly caip2: string;
  readonly v1Name: string | null;
  readonly token: string;
  readonly decimals: number;
  readonly asset: string;
  readonly payTo: string;
  readonly amountUnits: string;
  readonly facilitator: string;
  readonly facilitatorUrl: string;
  readonly requirements: WireObject;
  /** The v1 entry of `accepts`; null where version 1 has no name for the network or the facilitator does not speak it. */
  readonly requirementsV1: WireObject | null;
};
