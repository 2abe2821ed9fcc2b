import type { RefundRequestNeeds } from "../../integrations/chains/refunds/refund-requests.ts";
import { requestRemainderRefund } from "../../integrations/chains/refunds/refund-requests.ts";
import { ZERO } from "../../money/nanodollars.ts";
import type { RefundRemainder } from "./remainder.ts";

/** Sends remainders back over the chains they came by: the newest deposits first, each part to its own sender. */
export function openRemainderRefunds(needs: RefundRequestNeeds): RefundRemainder {
  return async (transaction, input) => {
    const refunds = await requestRemainderRefund(transaction, needs, input);
    return refunds.map(({ id, amount, status }) => ({ id, amount: amount ?? ZERO, status }));
  };
}
