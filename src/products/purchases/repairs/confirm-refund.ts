import { text } from "../schemas.ts";
import { defineRepair, refundOwnerOf } from "./repair.ts";

/**
 * An operator vouches for where a refund goes: its sender is a contract whose owner said that the tokens may come. The address stays the
 * deposit's sender, nobody names another. Refused for a refund of somebody else, and for one that is paid or given up.
 */
export const confirmRefund = defineRepair({
  action: "confirmRefund",
  fields: {
    refundId: text({ minimum: 1, maximum: 64 }).meta({ description: "The refund that waits for its destination." }),
  },
  refuse: () => null,
  apply: async ({ transaction, money, facts, actor }, { refundId }) => {
    await money.confirmRefund(transaction, { refundId, actor, owner: refundOwnerOf(facts) });
    return {
      text: `${refundId} goes to its deposit's sender; ${actor} vouches for it.`,
      data: { refund_id: refundId },
    };
  },
});
