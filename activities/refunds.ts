import type { Chain } from "../src/integrations/chains/chain.ts";
import { ChainNotSupported } from "../src/integrations/chains/errors.ts";
import { checkTransaction } from "../src/integrations/chains/outgoing/outgoing-transactions.ts";
import { broadcastRefund, prepareRefund, recordRefund } from "../src/integrations/chains/refunds/refund.ts";
import { findChainOfRefund } from "../src/integrations/chains/refunds/refund-store.ts";
import type { RefundPlan } from "../workflows/contracts.ts";
import { type ChainActivityNeeds, dollars, signerOf } from "./chains.ts";

/** What the refund activities need: the database, the chains, and the signer. */
export type RefundActivityNeeds = Pick<ChainActivityNeeds, "database" | "ledger" | "chains" | "signer" | "solanaKeys">;

type Sent = { readonly refundId: string; readonly transactionId: string };

/** The steps of a refund. Each may run again from its beginning: what was signed is stored, what was sent is sent again. */
export function refundActivities(needs: RefundActivityNeeds) {
  const { database, ledger } = needs;
  const chainOf = async (refundId: string): Promise<Chain> => {
    const id = await findChainOfRefund(database, refundId);
    if (id === undefined) throw new ChainNotSupported(`of refund ${refundId}`);
    return needs.chains.find(id);
  };
  return {
    prepareRefund: async (input: { readonly refundId: string }): Promise<RefundPlan> => {
      const chain = await chainOf(input.refundId);
      const step = await prepareRefund({ database, chain, signer: signerOf(needs, chain) }, input);
      return { isOver: step.status !== "open", transactionId: step.transactionId, details: step.details };
    },
    broadcastRefund: async ({ refundId, transactionId }: Sent): Promise<void> => {
      const chain = await chainOf(refundId);
      const signer = signerOf(needs, chain);
      await broadcastRefund({ database, chain, signer }, { outgoingTransactionId: transactionId });
    },
    isRefundMined: async ({ refundId, transactionId }: Sent): Promise<boolean> => {
      const chain = await chainOf(refundId);
      const check = await checkTransaction({ database, chain }, { outgoingTransactionId: transactionId });
      return check.state === "mined" || check.state === "expired";
    },
    recordRefund: async (input: { readonly refundId: string }) => {
      const recorded = await recordRefund({ database, ledger, chain: await chainOf(input.refundId) }, input);
      const verdict = recorded.outcome === "paid" ? "is paid" : "goes on with its next transaction";
      return {
        outcome: recorded.outcome,
        details: `The refund ${verdict}; gas cost ${dollars(recorded.gasCost)} USD.`,
      };
    },
  };
}
