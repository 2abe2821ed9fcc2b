import type { Migration } from "./migration.ts";

/**
 * A settlement that rising fees left behind is signed again, with the same nonce and higher fees. `transaction` and `raw_transaction` are
 * its newest version, `replaced` the earlier ones, oldest first: any of them may be the one that is mined. `sent_at` is the newest's.
 * `gone_since` is when the chain first seemed to have no way for it any more, as one that waited long may be mined a moment ago.
 */
export const facilitatorsDearer: Migration = {
  name: "0044-facilitators-dearer",
  sql: `
ALTER TABLE facilitator_settlements
  ADD COLUMN replaced jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(replaced) = 'array'),
  ADD COLUMN gone_since timestamptz;
`,
};
