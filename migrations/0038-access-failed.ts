import type { Migration } from "./migration.ts";

/**
 * A payment that a facilitator called failed, and that was not on the chain just then, may land all the same while its signature is good.
 * It is looked at once more when that is over; the index has only those that still wait for this look.
 */
export const accessFailed: Migration = {
  name: "0038-access-failed",
  sql: `
CREATE INDEX access_payments_failed_not_final ON access_payments (network, resolved_at)
  WHERE final_at IS NULL AND status = 'failed' AND payload_sealed IS NOT NULL;
`,
};
