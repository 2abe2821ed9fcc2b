import { formatDollars } from "../../../../money/nanodollars.ts";
import type { StoredPayment } from "../payment-store.ts";

/** Where a payment stands, for the workflow that follows it. `lookAgainAt` is null once there is nothing more to look for. */
export type PaymentReview = {
  readonly status: string;
  readonly next: "wait" | "done";
  readonly deadline: string | null;
  readonly lookAgainAt: string | null;
  readonly details: string;
};

/** A payment as people read it, and when to look again. Pure. */
export function reviewOf(payment: StoredPayment, details: string, lookAgainAt: Date | null): PaymentReview {
  const what = `${formatDollars(payment.gross)} ${payment.token} (${payment.amountUnits} base units)`;
  return {
    status: payment.status,
    next: lookAgainAt === null ? "done" : "wait",
    deadline: payment.validUntil?.toISOString() ?? null,
    lookAgainAt: lookAgainAt?.toISOString() ?? null,
    details: `Payment of ${what} from ${payment.payer} on ${payment.network} is ${payment.status}. ${details}`,
  };
}
