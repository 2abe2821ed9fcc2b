import type { Migration } from "./migration.ts";

/**
 * What merchants give back to payers from their own wallets: one row per refund that was proven on the chain, its transaction taken once
 * for a payer. A payer's balance gets a name of its own for URLs, so that no address stands in one. The index finds the payments that
 * balances come from.
 */
export const accessRefunds: Migration = {
  name: "0037-access-refunds",
  sql: `
ALTER TABLE access_payer_balances ADD COLUMN id text NOT NULL GENERATED ALWAYS AS ('due_' || md5(account)) STORED;
ALTER TABLE access_payer_balances ADD CONSTRAINT access_payer_balances_id UNIQUE (id);

CREATE TABLE access_payer_refunds (
  id text PRIMARY KEY,
  balance_id text NOT NULL REFERENCES access_payer_balances (id),
  merchant_id text NOT NULL REFERENCES merchants (id),
  payer text NOT NULL,
  network text NOT NULL,
  token text NOT NULL,
  transaction text NOT NULL,
  amount_units bigint NOT NULL CHECK (amount_units > 0),
  amount_nanodollars bigint NOT NULL CHECK (amount_nanodollars > 0),
  created_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (network, transaction, payer)
);
CREATE INDEX access_payer_refunds_by_balance ON access_payer_refunds (balance_id, created_at DESC);
CREATE TRIGGER access_payer_refunds_are_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON access_payer_refunds
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE INDEX access_payments_kept ON access_payments (merchant_id, resolved_at DESC) WHERE status = 'unserved' OR left_units > 0;

GRANT SELECT, INSERT ON access_payer_refunds TO tollkeeper_app;
`,
};
