import type { QuoteOption } from "../../../../integrations/x402/payment.ts";
import type { Asset } from "../../asset.ts";
import type { Session } from "../../session.ts";
import type { StoredPayment } from "../payment-store.ts";
import type { StoredQuote } from "../quotes/quote-store.ts";

/** Why a payment was not taken: a permanent code, and a sentence that says who must change what. */
export type Refusal = { readonly reason: string; readonly error: string };

/** What a request for access or for more of it came to, before HTTP or a socket says it. What is refused outright is thrown. */
export type AccessOutcome =
  | {
      readonly kind: "payment_required";
      readonly asset: Asset;
      readonly quote: StoredQuote;
      readonly secret: string;
      /** With the quote's secret in their terms, as they are offered. */
      readonly options: readonly QuoteOption[];
      readonly refusal: Refusal;
      /** The payment that was not taken; null where none was shown. Nothing was moved. */
      readonly attempt: Attempt | null;
    }
  | {
      readonly kind: "granted";
      readonly payment: StoredPayment;
      readonly quote: StoredQuote;
      readonly session: Session;
      readonly token: string;
    }
  | { readonly kind: "pending"; readonly payment: StoredPayment }
  | { readonly kind: "unserved"; readonly payment: StoredPayment };

/** A payment as the header of its answer needs it. */
export type Attempt = {
  readonly dialect: "v1" | "v2" | "pay2";
  readonly network: string;
  readonly payer: string | null;
  readonly amountUnits: bigint;
};

/** What a request is for: an asset, or more of a session on it. */
export type Target = { readonly assetId: string; readonly session: Session | null };
