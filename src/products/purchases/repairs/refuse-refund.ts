import { text } from "../schemas.ts";
import { defineRepair, refundOwnerOf } from "./repair.ts";

/** A refund of which nothing was signed yet is given up: its money is back in the balance, or in suspense, it was taken from. */
export const refuseRefund = defineRepair({
  action: "refuseRefund",
  fields: {
    refundId: text({ minimum: 1, maximum: 64 }).meta({ description: "The refund that shall not be sent." }),
  },
  refuse: () => null,
  apply: async ({ transaction, money, facts }, { refundId }) => {
    const refund = await money.refuseRefund(transaction, { refundId, owner: refundOwnerOf(facts) });
    return {
      text: `${refundId} is given up; its money is in ${refund.account} again.`,
      data: { refund_id: refundId, deposit_id: refund.depositId, account: refund.account },
    };
  },
});
