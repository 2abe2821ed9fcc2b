import type { SessionRepairNeeds } from "../src/products/access/sessions/repair-session.ts";
import { repairSession } from "../src/products/access/sessions/repair-session.ts";
import { reviewSession } from "../src/products/access/sessions/review-session.ts";
import type { AccessSessionView, RepairAnswer } from "../workflows/contracts.ts";

/** What the access activities need. */
export type AccessActivityNeeds = SessionRepairNeeds;

/** The activities of the access room; each reads the database first, so each may run any number of times. */
export function accessActivities(needs: AccessActivityNeeds) {
  return {
    reviewSession: (input: { readonly sessionId: string }): Promise<AccessSessionView> => reviewSession(needs, input),
    repairSession: (input: { readonly sessionId: string; readonly request: unknown }): Promise<RepairAnswer> =>
      repairSession(needs, input),
  };
}
