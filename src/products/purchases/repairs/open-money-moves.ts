import { moveDeposit } from "../../../integrations/chains/move-deposit.ts";
import { requestDepositRefund, requestRemainderRefund } from "../../../integrations/chains/refund-requests.ts";
import type { Refund } from "../../../integrations/chains/refund-store.ts";
import type { SuspenseNeeds } from "../../../integrations/chains/suspense.ts";
import { resumeSweep } from "../../../integrations/chains/sweep-requests.ts";
import { ZERO } from "../../../money/nanodollars.ts";
import type { MoneyMoves, RequestedRefund } from "./money-moves.ts";

/** Binds the chains integration to what repairs do with money. */
export function openMoneyMoves(needs: SuspenseNeeds): MoneyMoves {
  return {
    moveDeposit: (transaction, input) => moveDeposit(transaction, needs, input),
    requestDepositRefund: async (transaction, input) =>
      (await requestDepositRefund(transaction, needs, input)).map(asRequested),
    requestRemainderRefund: async (transaction, input) =>
      (await requestRemainderRefund(transaction, needs, input)).map(asRequested),
    resumeSweep,
  };
}

/** A token without a price has no dollars. */
function asRequested({ id, amount, status }: Refund): RequestedRefund {
  return { id, amount: amount ?? ZERO, status };
}
