import { InvalidRepair } from "../../../platform/repairs/errors.ts";
import { text } from "../schemas.ts";
import { defineRepair, refundOwnerOf } from "./repair.ts";

/**
 * The sweep of a deposit, or a refund, goes on at once: one that waits for the gas tank, stands still, or was given up. What was sent of it
 * and is in no block yet is offered again with higher fees.
 */
export const resumeSweep = defineRepair({
  action: "resumeSweep",
  fields: {
    depositId: text({ minimum: 1, maximum: 64 })
      .meta({ description: "The deposit whose sweep shall go on; not together with refundId." })
      .optional(),
    refundId: text({ minimum: 1, maximum: 64 }).meta({ description: "The refund that shall go on." }).optional(),
  },
  refuse: (_facts, { depositId, refundId }) =>
    (depositId === undefined) === (refundId === undefined)
      ? new InvalidRepair([{ path: "depositId", message: "send depositId or refundId, one of them" }])
      : null,
  apply: async ({ transaction, money, facts }, { depositId, refundId }) => {
    if (refundId !== undefined) {
      await money.resumeRefund(transaction, { refundId, owner: refundOwnerOf(facts) });
      return { text: `The refund ${refundId} goes on.`, data: { refund_id: refundId } };
    }
    if (depositId === undefined) throw new Error("refused before");
    await money.resumeSweep(transaction, { depositId });
    return { text: `The sweep of ${depositId} goes on.`, data: { deposit_id: depositId } };
  },
});
