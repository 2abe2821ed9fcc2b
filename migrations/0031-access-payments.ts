import type { Migration } from "./migration.ts";

/**
 * Payments of the access room. What a payer sent beyond the price is kept apart from what was sold, so a sale's own figures stay exact.
 * A client's idempotency key (scoped to payer and asset, hashed) names one payment that is not a failure. And a quote whose money bought
 * nothing no longer forbids that a payment counted as failed, which lands late all the same, is written down: it must be credited too.
 */
export const accessPayments: Migration = {
  name: "0031-access-payments",
  sql: `
ALTER TABLE access_payments ADD COLUMN left_units bigint NOT NULL DEFAULT 0 CHECK (left_units >= 0);
CREATE UNIQUE INDEX access_payments_one_per_key ON access_payments (key_hash) WHERE key_hash IS NOT NULL AND status <> 'failed';
DROP INDEX access_payments_one_per_quote;
CREATE UNIQUE INDEX access_payments_one_per_quote ON access_payments (quote_id) WHERE status IN ('submitted', 'unknown', 'settled');
`,
};
