import type { X402Network } from "../../../../integrations/x402/networks.ts";
import type { ReceiptClaims } from "../../../../integrations/x402/receipts.ts";
import type { StoredPayment } from "../payment-store.ts";
import { resourceUrl } from "../quotes/quotes.ts";

/** What the receipt of a payment that settled says. `issuedAt` is when it was written down, so that it is signed alike each time. */
export function receiptClaims(
  needs: { readonly x402Networks: readonly X402Network[]; readonly publicUrl: string },
  input: {
    readonly payment: StoredPayment;
    readonly transaction: string;
    readonly sessionId: string | null;
    readonly at: Date;
  },
): ReceiptClaims {
  const { payment, transaction, sessionId, at } = input;
  const network = needs.x402Networks.find(({ id }) => id === payment.network);
  return {
    network: network?.caip2 ?? payment.network,
    resourceUrl: resourceUrl(needs, { assetId: payment.assetId }),
    payer: payment.payer,
    issuedAt: at,
    transaction,
    asset: network?.tokens.find(({ symbol }) => symbol === payment.token)?.address ?? payment.token,
    amountUnits: payment.amountUnits + payment.leftUnits,
    payTo: payment.payTo,
    paymentId: payment.id,
    sessionId,
  };
}
