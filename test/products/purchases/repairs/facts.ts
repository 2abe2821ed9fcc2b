import { nanodollars } from "../../../../src/money/nanodollars.ts";
import type { ParkedWorkflow } from "../../../../src/platform/temporal/parked-workflow-store.ts";
import type { RepairFacts } from "../../../../src/products/purchases/repairs/repair.ts";

const SOMETIME = new Date("2026-11-21T12:00:00Z");

/** Where a workflow stands still: at a step that could be left out. */
export const PARKED: ParkedWorkflow = {
  ...{ subject: "purchase/pur_1", step: "Delete the bucket", phase: "terminate", stepName: "delete_bucket" },
  ...{ code: "object_locked", reason: "locked", nextAction: "retryStep", since: SOMETIME },
};

/** What a repair looks at while only the checkout exists. */
export function unsold(change: Partial<RepairFacts> = {}): RepairFacts {
  const nobody = { email: null, orgId: null, userId: null, host: null, orgApiKeySealed: null };
  return {
    subject: "purchase/pur_1",
    purchase: null,
    checkout: {
      ...nobody,
      ...{ id: "chk_1", purchaseId: "pur_1", offerId: "o", chain: "local", token: "USDC" },
      ...{ depositAddressId: "da_1", depositAddress: "0x1", status: "paid", tracer: "t" },
      ...{ minimum: nanodollars(1n), expiresAt: SOMETIME, finalizedAt: null, terms: null },
    },
    isDestructionBegun: false,
    parked: null,
    now: SOMETIME,
    ...change,
  };
}
