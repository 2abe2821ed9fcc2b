import { moveDeposit } from "../../../integrations/chains/deposits/move-deposit.ts";
import {
  confirmRefundDestination,
  refuseRefund,
  resumeRefund,
} from "../../../integrations/chains/refunds/refund-decisions.ts";
import type { RefundRequestNeeds } from "../../../integrations/chains/refunds/refund-requests.ts";
import { requestDepositRefund, requestRemainderRefund } from "../../../integrations/chains/refunds/refund-requests.ts";
import { resumeSweep } from "../../../integrations/chains/sweeps/sweep-requests.ts";
import type { MoneyMoves } from "./money-moves.ts";

/** Binds the chains integration to what repairs do with money. No private key is behind any of it: rows and wakes only. */
export function openMoneyMoves(needs: RefundRequestNeeds): MoneyMoves {
  return {
    moveDeposit: (transaction, input) => moveDeposit(transaction, needs, input),
    requestDepositRefund: (transaction, input) => requestDepositRefund(transaction, needs, input),
    requestRemainderRefund: (transaction, input) => requestRemainderRefund(transaction, needs, input),
    resumeSweep: (transaction, input) => resumeSweep(transaction, input),
    confirmRefund: (transaction, input) => confirmRefundDestination(transaction, input),
    refuseRefund: (transaction, input) => refuseRefund(transaction, needs, input),
    resumeRefund: (transaction, input) => resumeRefund(transaction, input),
  };
}
