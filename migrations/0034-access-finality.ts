import type { Migration } from "./migration.ts";

/**
 * A payment for access counts before its block is final, so that access is instant. It is looked at once more when the block is: then it
 * is marked here. The index has only those that still wait for that look.
 */
export const accessFinality: Migration = {
  name: "0034-access-finality",
  sql: `
ALTER TABLE access_payments ADD COLUMN final_at timestamptz;
CREATE INDEX access_payments_not_final ON access_payments (network, resolved_at)
  WHERE final_at IS NULL AND status IN ('settled', 'unserved') AND dialect <> 'balance';
`,
};
