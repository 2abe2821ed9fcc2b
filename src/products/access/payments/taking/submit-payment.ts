import type { Knex } from "knex";
import { tokenUnitsToNanodollars } from "../../../../money/conversions.ts";
import { newId } from "../../../../platform/ids.ts";
import { raiseWake } from "../../../../platform/temporal/wake-store.ts";
import { lockAsset } from "../../assets/asset-store.ts";
import { AssetNotFound } from "../../errors.ts";
import { splitFee } from "../../fees/split.ts";
import type { PaymentDialect } from "../../payment.ts";
import {
  AssetBusy,
  AssetInMaintenance,
  PaymentKeyReused,
  QuoteAlreadyPaid,
  SessionOver,
} from "../../payment-errors.ts";
import { extensionStart } from "../../sessions/session-lifecycle.ts";
import { findSession } from "../../sessions/session-store.ts";
import { violatedIndex } from "../constraint-violation.ts";
import { logPayment } from "../payment-log-store.ts";
import type { PaymentNeeds } from "../payment-needs.ts";
import { insertPayment, type NewPayment, resubmitPayment, type StoredPayment } from "../payment-store.ts";
import { requireFree } from "../quotes/offer.ts";
import type { StoredQuote } from "../quotes/quote-store.ts";
import { logOf } from "../settlement/told-payment.ts";

/** What is about to be paid. `amountUnits` is the price and `leftUnits` what was sent beyond it, both in base units of the token. */
export type Submission = Pick<
  NewPayment,
  | "network"
  | "token"
  | "payTo"
  | "payer"
  | "amountUnits"
  | "leftUnits"
  | "payloadKey"
  | "payloadSealed"
  | "validUntil"
  | "facilitator"
  | "transaction"
  | "keyHash"
> & {
  readonly quote: StoredQuote;
  readonly dialect: PaymentDialect;
  readonly decimals: number;
  /** The failed payment this payload was taken as before, which is tried again. */
  readonly retried: StoredPayment | null;
  /** The money is on the chain already, so it is written down whatever has become of the asset. */
  readonly isPaid: boolean;
};

type SubmitNeeds = Pick<PaymentNeeds, "database" | "clock">;

/**
 * Transaction 1: the payment is written down before anything can move. The asset's row is held; a running session or another payment
 * under way refuses it, and so does every unique key. Null when this payload was written down by another request meanwhile. Throws 409
 * `asset_busy`, `asset_occupied`, `asset_in_maintenance`, `quote_already_paid`, `payment_key_reused`, 410 `session_over`.
 */
export async function submitPayment(
  needs: SubmitNeeds,
  input: { readonly submission: Submission; readonly feeBasisPoints: number },
): Promise<StoredPayment | null> {
  const submitted = { ...input, now: new Date(needs.clock.now()) };
  try {
    return await needs.database.transaction(async (transaction) => {
      await hold(transaction, submitted);
      return write(transaction, submitted);
    });
  } catch (error) {
    return refuse(error);
  }
}

async function hold(
  transaction: Knex.Transaction,
  { submission, now }: { readonly submission: Submission; readonly now: Date },
): Promise<void> {
  const { assetId, sessionId } = submission.quote;
  const asset = await lockAsset(transaction, assetId);
  if (submission.isPaid) return;
  if (asset === null) throw new AssetNotFound();
  if (asset.status === "maintenance") throw new AssetInMaintenance();
  if (sessionId !== null) {
    const session = await findSession(transaction, sessionId);
    if (session === null || extensionStart(session, now) === null) throw new SessionOver();
    return;
  }
  if (asset.status === "occupied") await requireFree({ database: transaction }, { assetId, now });
}

async function write(
  transaction: Knex.Transaction,
  input: { readonly submission: Submission; readonly feeBasisPoints: number; readonly now: Date },
): Promise<StoredPayment | null> {
  const { submission, feeBasisPoints, now } = input;
  const { retried, keyHash } = submission;
  const id = retried?.id ?? newId("apy", now.getTime());
  const payment =
    retried === null
      ? await insertPayment(transaction, rowOf({ id, submission, feeBasisPoints }))
      : await resubmitPayment(transaction, { id, keyHash });
  if (payment === null) return null;
  await logPayment(transaction, { ...logOf(payment), event: "submitted", success: null });
  // Whoever dies from here on leaves a row that doubt-store finds and its workflow resolves from the chain; an older row is not told apart.
  if (retried !== null) await raiseWake(transaction, `access-payment/${id}`);
  return payment;
}

/** The row of a submission: what was sent, what it is for, and our fee of it. */
export function rowOf(input: {
  readonly id: string;
  readonly submission: Submission;
  readonly feeBasisPoints: number;
}): NewPayment {
  const { id, submission, feeBasisPoints } = input;
  const { quote, decimals, retried: _retried, isPaid: _isPaid, ...paid } = submission;
  return {
    ...paid,
    id,
    quoteId: quote.id,
    merchantId: quote.merchantId,
    assetId: quote.assetId,
    isExtension: quote.sessionId !== null,
    sessionId: quote.sessionId,
    settlementMode: quote.settlementMode,
    gross: tokenUnitsToNanodollars(submission.amountUnits, decimals, "down"),
    feeBasisPoints,
    feeUnits: splitFee(submission.amountUnits, feeBasisPoints).feeUnits,
  };
}

/** Names the rule that a unique index kept; null for a payment that is written down already. Throws anything else on. */
export function refuse(error: unknown): null {
  const index = violatedIndex(error);
  if (index === "access_payments_network_payload_key_key" || index === "access_payments_transaction") return null;
  if (index === "access_payments_one_per_quote") throw new QuoteAlreadyPaid();
  if (index === "access_payments_one_under_way") throw new AssetBusy();
  if (index === "access_payments_one_per_key") throw new PaymentKeyReused();
  throw error;
}
