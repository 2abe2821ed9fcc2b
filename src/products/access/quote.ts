import type { QuoteOption } from "../../integrations/x402/payment.ts";
import type { Nanodollars } from "../../money/nanodollars.ts";
import type { AssetUnit } from "./asset.ts";
import type { SettlementMode } from "./merchant.ts";

/**
 * What a 402 offered, kept word for word: what is paid is compared with this and never with today's price or wallet. The id is public
 * (on Solana it is the payment's memo); the quote's secret is known only to whoever got the 402, and kept as a hash.
 */
export type Quote = {
  readonly id: string;
  readonly secretHash: Buffer;
  readonly merchantId: string;
  readonly assetId: string;
  /** The session an extension is for; null for a new one. */
  readonly sessionId: string | null;
  readonly unit: AssetUnit;
  readonly unitSeconds: number;
  readonly units: number;
  readonly price: Nanodollars;
  readonly total: Nanodollars;
  readonly settlementMode: SettlementMode;
  readonly options: readonly QuoteOption[];
  readonly expiresAt: Date;
};
