import { formatDollars } from "../../../../money/nanodollars.ts";
import type { MerchantEventData } from "../../telling/merchant-event.ts";
import type { PaymentLogLine } from "../payment-log-store.ts";
import type { StoredPayment } from "../payment-store.ts";
import type { StoredQuote } from "../quotes/quote-store.ts";

/** What every log line of a payment says of it. */
export function logOf(payment: StoredPayment): Omit<PaymentLogLine, "event"> {
  return {
    paymentId: payment.id,
    quoteId: payment.quoteId,
    merchantId: payment.merchantId,
    assetId: payment.assetId,
    sessionId: payment.sessionId,
    network: payment.network,
    token: payment.token,
    transaction: payment.transaction,
    payer: payment.payer,
    amountUnits: payment.amountUnits + payment.leftUnits,
    facilitator: payment.facilitator,
  };
}

/** What a merchant is told of a payment. */
export function toldOf(payment: StoredPayment, quote: StoredQuote): MerchantEventData {
  return {
    paymentId: payment.id,
    quoteId: payment.quoteId,
    assetId: payment.assetId,
    sessionId: payment.sessionId,
    isExtension: payment.isExtension,
    units: quote.units,
    unit: quote.unit,
    amount: formatDollars(payment.gross),
    network: payment.network,
    token: payment.token,
    payer: payment.payer,
    transaction: payment.transaction,
    code: payment.failureCode,
  };
}
