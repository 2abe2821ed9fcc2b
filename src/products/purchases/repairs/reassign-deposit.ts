import { accounts } from "../../../ledger/chart-of-accounts.ts";
import { formatDollars } from "../../../money/nanodollars.ts";
import { text } from "../schemas.ts";
import { RepairNotAllowed } from "./errors.ts";
import type { RepairFacts } from "./repair.ts";
import { defineRepair } from "./repair.ts";

const ENDED: ReadonlySet<string> = new Set(["terminating", "terminated", "refunding"]);

/**
 * A deposit is credited to this purchase, or to the checkout that will become it: one in suspense, or one that was credited to
 * another purchase, if that one's balance still covers it. It never leaves our books, so no address is named.
 */
export const reassignDeposit = defineRepair({
  action: "reassignDeposit",
  fields: {
    depositId: text({ minimum: 1, maximum: 64 }).meta({ description: "The deposit this purchase shall have." }),
  },
  refuse: refuseReassignment,
  apply: async ({ transaction, money, facts, key }, { depositId }) => {
    const account = accounts.purchase(facts.checkout.purchaseId);
    const moved = await money.moveDeposit(transaction, { key, depositId, account });
    return {
      text: `${formatDollars(moved.amount)} USD of deposit ${depositId} moved from ${moved.from} to ${account}.`,
      data: { deposit_id: depositId, amount: formatDollars(moved.amount), from: moved.from, to: account },
      wakes: moved.from.startsWith("purchase/") ? [moved.from] : [],
    };
  },
});

function refuseReassignment({ purchase }: RepairFacts): Error | null {
  if (purchase === null || !ENDED.has(purchase.status)) return null;
  return new RepairNotAllowed(
    "reassignDeposit",
    purchase.status,
    "This purchase is at its end: money credited to it could not be used any more.",
  );
}
