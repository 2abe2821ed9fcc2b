import type { Nanodollars } from "../../money/nanodollars.ts";
import type { AssetUnit } from "./asset.ts";

/** `active` until its time is over, it is stopped early by its holder, or revoked by merchant or operator. */
export type SessionStatus = "active" | "expired" | "stopped" | "revoked";

/** Paid time on an asset. The row decides when it ends, never a timer. Its token is a capability: hashed, and sealed for replays. */
export type Session = {
  readonly id: string;
  readonly tokenSealed: string;
  readonly merchantId: string;
  readonly assetId: string;
  /** The network its first payment came over, and who paid. */
  readonly payerNetwork: string;
  readonly payer: string;
  readonly status: SessionStatus;
  readonly unit: AssetUnit;
  readonly unitSeconds: number;
  /** Bought so far, extensions included. */
  readonly units: number;
  readonly paid: Nanodollars;
  readonly isExtended: boolean;
  readonly startedAt: Date;
  readonly expiresAt: Date;
  readonly endedAt: Date | null;
  readonly eventSeq: number;
};
