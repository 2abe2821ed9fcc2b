import { text } from "../schemas.ts";
import { defineRepair } from "./repair.ts";

/** The sweep of a deposit goes on at once: one that waits for the gas tank, stands still, or was given up. */
export const resumeSweep = defineRepair({
  action: "resumeSweep",
  fields: {
    depositId: text({ minimum: 1, maximum: 64 }).meta({ description: "The deposit whose sweep shall go on." }),
  },
  refuse: () => null,
  apply: async ({ transaction, money }, { depositId }) => {
    await money.resumeSweep(transaction, { depositId });
    return { text: `The sweep of ${depositId} goes on.`, data: { deposit_id: depositId } };
  },
});
