import type { PresentedPayment } from "../../../../integrations/x402/payment.ts";
import type { Wanted } from "../quotes/quotes.ts";
import type { Target } from "./access-outcome.ts";

/** A request for access, whichever way it came. */
export type AccessRequest = {
  /** `payWith`: the payer's balance at the merchant pays. */
  readonly wanted: Wanted & { readonly payWith?: "balance" | undefined };
  readonly presented: PresentedPayment | null;
  readonly idempotencyKey: string | null;
  /** The `SIGN-IN-WITH-X` header. */
  readonly signInHeader: string | null;
};

/** The same with what it is for. */
export type PaidRequest = AccessRequest & { readonly target: Target };
