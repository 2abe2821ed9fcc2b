import type { Migration } from "./migration.ts";

/**
 * Payouts of what custodial merchants are owed: one open payout per merchant, network and token, its destination and amount fixed when it
 * is promised, which is when its money leaves the merchant's account. The signer reads the row itself. `since_block` is where the chain
 * stood before anything of it was sent. Sums of one asset's sales are read by its own index.
 */
export const accessPayouts: Migration = {
  name: "0033-access-payouts",
  sql: `
CREATE TABLE access_payouts (
  id text PRIMARY KEY,
  merchant_id text NOT NULL REFERENCES merchants (id),
  network text NOT NULL,
  token text NOT NULL,
  destination text NOT NULL CHECK (destination <> ''),
  amount_units bigint NOT NULL CHECK (amount_units > 0),
  amount_nanodollars bigint NOT NULL CHECK (amount_nanodollars > 0),
  status text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'paid')),
  attempts integer NOT NULL DEFAULT 1 CHECK (attempts > 0),
  since_block bigint,
  transaction_hash text,
  created_at timestamptz NOT NULL,
  paid_at timestamptz,
  CHECK ((status = 'paid') = (paid_at IS NOT NULL)),
  CHECK ((status = 'paid') = (transaction_hash IS NOT NULL))
);
CREATE UNIQUE INDEX access_payouts_one_open ON access_payouts (merchant_id, network, token) WHERE status = 'open';
CREATE INDEX access_payouts_by_merchant ON access_payouts (merchant_id, id DESC);

CREATE INDEX access_payments_earned_by_asset ON access_payments (asset_id)
  INCLUDE (gross_nanodollars, fee_units, amount_units) WHERE status = 'settled';
CREATE INDEX access_returns_by_payment ON access_returns (payment_id);

GRANT SELECT, INSERT ON access_payouts TO tollkeeper_app;
GRANT UPDATE (status, attempts, since_block, transaction_hash, paid_at) ON access_payouts TO tollkeeper_app;
`,
};
