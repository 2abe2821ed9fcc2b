import { broadcastTransaction, checkTransaction } from "../src/integrations/chains/outgoing/outgoing-transactions.ts";
import type { Ledger } from "../src/ledger/ledger.ts";
import type { Clock } from "../src/platform/clock.ts";
import { PayoutNotFound } from "../src/products/access/fee-errors.ts";
import { selectPayout } from "../src/products/access/fees/payout-store.ts";
import { repairPayout } from "../src/products/access/fees/repair-payout.ts";
import { type PayoutStepPlan, preparePayout, recordPayout } from "../src/products/access/fees/send-payout.ts";
import { type StartPayoutNeeds, startPayouts } from "../src/products/access/fees/start-payouts.ts";
import type { RepairAnswer } from "../workflows/contracts.ts";
import { type ChainActivityNeeds, signerOf } from "./chains.ts";

/** What payouts need: the books, the chains and the signer. */
export type PayoutActivityNeeds = Pick<ChainActivityNeeds, "database" | "chains" | "signer" | "solanaKeys"> &
  StartPayoutNeeds & { readonly ledger: Ledger; readonly clock: Clock };

type Sent = { readonly payoutId: string; readonly transactionId: string };

/** The steps of payouts. Each may run again from its beginning: what was signed is stored, what was sent is sent again. */
export function payoutActivities(needs: PayoutActivityNeeds) {
  const { database } = needs;
  const onChain = async (payoutId: string) => {
    const payout = await selectPayout(database, payoutId);
    if (payout === undefined) throw new PayoutNotFound();
    const chain = needs.chains.find(payout.network);
    return { ...needs, chain, signer: signerOf(needs, chain) };
  };
  return {
    startPayouts: async (): Promise<number> =>
      (await startPayouts(needs, { merchantId: null, skipWalletRest: false })).length,
    preparePayout: async (input: { readonly payoutId: string }): Promise<PayoutStepPlan> =>
      preparePayout(await onChain(input.payoutId), input),
    broadcastPayout: async ({ payoutId, transactionId }: Sent): Promise<void> => {
      await broadcastTransaction(await onChain(payoutId), { outgoingTransactionId: transactionId });
    },
    isPayoutMined: async ({ payoutId, transactionId }: Sent): Promise<boolean> => {
      const check = await checkTransaction(await onChain(payoutId), { outgoingTransactionId: transactionId });
      return check.state === "mined" || check.state === "expired";
    },
    repairPayout: (input: { readonly payoutId: string; readonly request: unknown }): Promise<RepairAnswer> => {
      const settlementWalletOf = (network: string) => signerOf(needs, needs.chains.find(network)).settlementWallet;
      return repairPayout({ ...needs, settlementWalletOf }, input);
    },
    recordPayout: async (input: { readonly payoutId: string }) => recordPayout(await onChain(input.payoutId), input),
  };
}
