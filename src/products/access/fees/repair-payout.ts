import type { Knex } from "knex";
import { z } from "zod";
import { requireUnsendable } from "../../../integrations/chains/payouts/require-unsendable.ts";
import type { ChainRegistry } from "../../../integrations/chains/registry.ts";
import type { Ledger } from "../../../ledger/ledger.ts";
import { payoutReturned } from "../../../ledger/postings/access.ts";
import { formatDollars } from "../../../money/nanodollars.ts";
import type { Clock } from "../../../platform/clock.ts";
import type { RepairAnswer, RepairWorkDone } from "../../../platform/repairs/repair-once.ts";
import { repairOnce } from "../../../platform/repairs/repair-once.ts";
import { parseRepair, RepairSignature } from "../../../platform/repairs/repair-request.ts";
import { PayoutNotFound, PayoutNotOpen } from "../fee-errors.ts";
import { lockPayout, markPayoutCancelled, selectPayout } from "./payout-store.ts";

/** What operators may do with a payout, as it comes through any door. */
export const PayoutRepair = z.strictObject({
  ...RepairSignature,
  action: z.literal("cancelPayout"),
  dryRun: z.boolean().optional().meta({ description: "Check and answer, then take everything back." }),
});

/** What repairing a payout needs. */
export type PayoutRepairNeeds = {
  readonly database: Knex;
  readonly clock: Clock;
  readonly ledger: Pick<Ledger, "postIn">;
  readonly chains: ChainRegistry;
  /** The platform's own wallet on a network of the registry; null where there is none. */
  readonly settlementWalletOf: (network: string) => string | null;
};

/**
 * Calls an open payout off, whichever door that came through: its amount is owed to the merchant again, and may be paid out again later.
 * Only where nothing of it can reach the chain any more. Written down for ever, and done once per request id. Throws `invalid_repair`,
 * `payout_not_found`, `payout_not_open`, `payout_may_land`, `request_id_reused`, `rpc_unavailable`.
 */
export async function repairPayout(
  needs: PayoutRepairNeeds,
  input: { readonly payoutId: string; readonly request: unknown },
): Promise<RepairAnswer> {
  const { payoutId } = input;
  const { action, requestId, actor, note, dryRun } = parseRepair(PayoutRepair, input.request);
  if ((await selectPayout(needs.database, payoutId)) === undefined) throw new PayoutNotFound();
  const call = { requestId, subject: `payout/${payoutId}`, action, actor, note, isDryRun: dryRun === true };
  return repairOnce(needs, { ...call, input: {} }, (transaction) => callOff(transaction, needs, payoutId));
}

async function callOff(
  transaction: Knex.Transaction,
  needs: PayoutRepairNeeds,
  payoutId: string,
): Promise<RepairWorkDone> {
  const payout = await lockPayout(transaction, payoutId);
  if (payout === undefined) throw new PayoutNotFound();
  if (payout.status !== "open") throw new PayoutNotOpen(payout);
  const { merchantId, network, token, amount } = payout;
  const chain = needs.chains.find(network);
  const wallet = needs.settlementWalletOf(network);
  await requireUnsendable({ database: transaction, chain }, { ...payout, wallet });
  await markPayoutCancelled(transaction, { id: payoutId, at: new Date(needs.clock.now()) });
  await needs.ledger.postIn(transaction, payoutReturned({ payoutId, merchantId, network, token, amount }));
  const dollars = formatDollars(amount);
  return {
    text: `It is called off; the merchant is owed its ${dollars} USD again.`,
    data: { status: "cancelled", amount: dollars },
    wakes: [`payout/${payoutId}`],
  };
}
