import type { Knex } from "knex";
import { clearParked, noteParked } from "../src/platform/temporal/parked-workflow-store.ts";
import type { RepairNeeds } from "../src/products/purchases/repairs/perform-repair.ts";
import { performRepair } from "../src/products/purchases/repairs/perform-repair.ts";
import { repairWorkflow } from "../src/products/purchases/repairs/repair-workflow.ts";
import type { RepairAnswer } from "../workflows/contracts.ts";

/** What the repair activities need. */
export type RepairActivityNeeds = RepairNeeds & { readonly database: Knex };

/** Where a workflow stands still, as it says itself; `since` is ISO 8601. */
export type ParkedNote = {
  readonly subject: string;
  readonly step: string;
  readonly phase: string | null;
  readonly stepName: string | null;
  readonly code: string;
  readonly reason: string;
  readonly nextAction: string;
  readonly since: string;
};

/** The activities behind the repair Updates, and those by which a parked workflow says so in Postgres. */
export function repairActivities(needs: RepairActivityNeeds) {
  return {
    noteParked: (input: ParkedNote): Promise<void> =>
      noteParked(needs.database, { ...input, since: new Date(input.since) }),
    clearParked: ({ subject }: { readonly subject: string }): Promise<void> => clearParked(needs.database, subject),
    repairPurchase: (input: { readonly purchaseId: string; readonly request: unknown }): Promise<RepairAnswer> =>
      performRepair(needs, input),
    repairWorkflow: (input: { readonly subject: string; readonly request: unknown }): Promise<RepairAnswer> =>
      repairWorkflow(needs, input),
  };
}
