import type { Migration } from "./migration.ts";

/** When a purchase was last compared with its ledger, so that one whose wake came to nothing can be found and woken again. */
export const purchasesEvaluated: Migration = {
  name: "0011-purchases-evaluated",
  sql: `
ALTER TABLE purchases ADD COLUMN evaluated_at timestamptz NOT NULL DEFAULT '-infinity';
`,
};
