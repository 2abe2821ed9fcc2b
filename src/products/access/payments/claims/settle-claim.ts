import type { JsonValue } from "../../../../errors.ts";
import { newId } from "../../../../platform/ids.ts";
import { lockAsset } from "../../assets/asset-store.ts";
import { feeBasisPointsFor } from "../../fees/fee-rate.ts";
import { AssetBusy } from "../../payment-errors.ts";
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
 * which of both gets it is not known yet, and `payment_key_reused`.
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
      if (claim.isNewQuote) await insertQuote(transaction, quote);
      await insertClaim(transaction, rowOf({ id, submission, feeBasisPoints }), now);
      const { raw, isServed } = claim;
      return settleWithin(transaction, needs, { paymentId: id, transaction: submission.transaction, raw, isServed });
    });
  } catch (error) {
    return refuse(error);
  }
}
