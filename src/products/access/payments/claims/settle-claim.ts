import type { Knex } from "knex";
import type { JsonValue } from "../../../../errors.ts";
import { newId } from "../../../../platform/ids.ts";
import { lockAsset } from "../../assets/asset-store.ts";
import { feeBasisPointsFor } from "../../fees/fee-rate.ts";
import { isRefundTo, lockTransfer } from "../../fees/refund-due-store.ts";
import { AssetBusy, TransferRefused } from "../../payment-errors.ts";
import type { PaymentNeeds } from "../payment-needs.ts";
import { findPaymentUnderWay, insertClaim, type StoredPayment } from "../payment-store.ts";
import { insertQuote } from "../quotes/quote-store.ts";
import { settleWithin } from "../settlement/resolve-payment.ts";
import { refuse, rowOf, type Submission } from "../taking/submit-payment.ts";

type ClaimNeeds = Pick<PaymentNeeds, "platformFee"> & Parameters<typeof settleWithin>[1];

/** Money that needs no facilitator: it is on the chain already, or in a balance. */
export type Claim = {
  readonly submission: Submission & { readonly transaction: string };
  /** Whether the quote was made for this claim and is not kept yet. */
  readonly isNewQuote: boolean;
  /** False where it came too late for what it was quoted for: it becomes the payer's balance. */
  readonly isServed: boolean;
  readonly raw: JsonValue;
};

/**
 * Writes such a payment down and settles it, in one transaction: whoever dies before its end has changed nothing, and the claim is made
 * again. Null when the same money was claimed meanwhile. Throws 409 `asset_busy` while another payment for the asset is under way, as
 * which of both gets it is not known yet, `payment_key_reused`, and 422 `transfer_refused` for what was taken as a refund to its receiver.
 */
export async function settleClaim(needs: ClaimNeeds, claim: Claim): Promise<StoredPayment | null> {
  const { submission } = claim;
  const { quote } = submission;
  const now = new Date(needs.clock.now());
  const feeBasisPoints = await feeBasisPointsFor(needs, { merchantId: quote.merchantId, now });
  const id = newId("apy", now.getTime());
  try {
    return await needs.database.transaction(async (transaction) => {
      await lockAsset(transaction, quote.assetId);
      if (quote.sessionId === null && (await findPaymentUnderWay(transaction, quote.assetId)) !== null)
        throw new AssetBusy();
      if (submission.dialect === "pay2") await refuseRefund(transaction, submission);
      if (claim.isNewQuote) await insertQuote(transaction, quote);
      await insertClaim(transaction, rowOf({ id, submission, feeBasisPoints }), now);
      const { raw, isServed } = claim;
      return settleWithin(transaction, needs, { paymentId: id, transaction: submission.transaction, raw, isServed });
    });
  } catch (error) {
    return refuse(error);
  }
}

/** A merchant's refund to somebody who sells here too does not also pay for what that one sells. */
async function refuseRefund(transaction: Knex.Transaction, submission: Claim["submission"]): Promise<void> {
  await lockTransfer(transaction, submission);
  if (!(await isRefundTo(transaction, submission))) return;
  throw new TransferRefused({ code: "transfer_is_refund", detail: "The transfer gave its receiver money back." });
}
