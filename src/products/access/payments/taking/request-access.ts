import { claimTransaction } from "../claims/claim-transaction.ts";
import type { PaymentNeeds } from "../payment-needs.ts";
import { offer } from "../quotes/offer.ts";
import type { AccessOutcome } from "./access-outcome.ts";
import type { AccessRequest, PaidRequest } from "./access-request.ts";
import { payFromBalance } from "./pay-from-balance.ts";
import { paySigned } from "./pay-signed.ts";

/**
 * Access to an asset: an offer for a request without a payment, and for one with a payment what the payment came to. A payment that was
 * shown before is answered before anything else is looked at, so its payer is never told that the asset is occupied by itself.
 */
export function requestAccess(
  needs: PaymentNeeds,
  request: AccessRequest & { readonly assetId: string },
): Promise<AccessOutcome> {
  const { assetId, ...rest } = request;
  return requestPaid(needs, { ...rest, target: { assetId, session: null } });
}

/** The machine of both: a new session, or more of a running one. */
export async function requestPaid(needs: PaymentNeeds, request: PaidRequest): Promise<AccessOutcome> {
  const { target, wanted, presented } = request;
  if (presented === null) {
    if (wanted.payWith === "balance") return payFromBalance(needs, request);
    return offer(needs, { target, wanted });
  }
  if (presented.dialect === "pay2") return claimTransaction(needs, { ...request, presented });
  return paySigned(needs, { ...request, presented });
}
