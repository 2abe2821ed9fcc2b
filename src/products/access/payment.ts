import type { Nanodollars } from "../../money/nanodollars.ts";
import type { SettlementMode } from "./merchant.ts";

/** How the payment was presented; `balance` was paid from what the payer had left at the merchant. */
export type PaymentDialect = "v1" | "v2" | "pay2" | "balance";

/**
 * `submitted`: written down, the facilitator is being asked. `unknown`: in doubt, looked up on the chain. `settled`: the tokens moved and
 * bought a session or more of one. `failed`: no tokens moved and none will. `unserved`: the tokens moved and bought nothing, so they are
 * the payer's balance at the merchant. `reversed`: they had moved and counted, and a reorganisation of the chain took that back for good.
 */
export type PaymentStatus = "submitted" | "unknown" | "settled" | "failed" | "unserved" | "reversed";

/** One payment against a quote. Amounts are base units of `token` on `network`; `gross` is the same in nanodollars. */
export type Payment = {
  readonly id: string;
  readonly quoteId: string;
  readonly merchantId: string;
  readonly assetId: string;
  readonly isExtension: boolean;
  readonly sessionId: string | null;
  readonly dialect: PaymentDialect;
  readonly status: PaymentStatus;
  readonly settlementMode: SettlementMode;
  readonly network: string;
  readonly token: string;
  readonly payTo: string;
  readonly payer: string;
  readonly amountUnits: bigint;
  readonly gross: Nanodollars;
  readonly feeBasisPoints: number;
  readonly feeUnits: bigint;
  /** Unique on the network, whatever the payment is shown for. */
  readonly payloadKey: string;
  readonly payloadSealed: string | null;
  readonly validUntil: Date | null;
  readonly facilitator: string | null;
  readonly transaction: string | null;
  readonly failureCode: string | null;
  readonly failureDetail: string | null;
  /** The signed receipt, a compact JWS. */
  readonly receipt: string | null;
  readonly createdAt: Date;
  readonly resolvedAt: Date | null;
};
