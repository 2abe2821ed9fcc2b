import type { Migration } from "./migration.ts";

/**
 * Deposits that go back to their senders, whole or in part.
 *
 * What is still at its deposit address leaves it as a sweep does, by a row of `sweeps` whose destination is the sender; what was swept is
 * sent by the vendor wallet. `refunded_units` is what of a deposit was promised back: no sweep takes it, and never more than there is.
 * `reference` makes the token's own nonce of such a sweep. `amount` is null for tokens without a price: they are in no account.
 */
export const chainsRefunds: Migration = {
  name: "0015-chains-refunds",
  sql: `
ALTER TABLE deposits ADD COLUMN refunded_units numeric(78,0) NOT NULL DEFAULT 0,
  ADD CONSTRAINT deposits_refunded_check CHECK (refunded_units BETWEEN 0 AND amount_units);

ALTER TABLE sweeps ADD COLUMN refunds_deposit_id text REFERENCES deposits (id);
ALTER TABLE sweeps ADD COLUMN reference text UNIQUE;
ALTER TABLE sweeps DROP CONSTRAINT sweeps_status_check;
ALTER TABLE sweeps ADD CONSTRAINT sweeps_status_check CHECK (status IN ('open', 'swept', 'refused'));
ALTER TABLE sweeps ADD CONSTRAINT sweeps_refund_check CHECK ((refunds_deposit_id IS NULL) = (reference IS NULL));

CREATE TABLE refunds (
  id text PRIMARY KEY,
  key text NOT NULL CHECK (key <> ''),
  part integer NOT NULL CHECK (part > 0),
  deposit_id text NOT NULL REFERENCES deposits (id),
  chain text NOT NULL,
  token text NOT NULL,
  destination text NOT NULL,
  amount_units numeric(78,0) NOT NULL CHECK (amount_units > 0),
  account text NOT NULL CHECK (account <> ''),
  amount numeric(38,0) CHECK (amount > 0),
  sweep_id text UNIQUE REFERENCES sweeps (id),
  status text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'paid', 'refused')),
  attempts integer NOT NULL DEFAULT 1 CHECK (attempts > 0),
  confirmed_by text,
  transaction_hash text,
  entry_id text,
  created_at timestamptz NOT NULL DEFAULT now(),
  closed_at timestamptz,
  UNIQUE (key, part),
  CHECK ((status = 'open') = (closed_at IS NULL)),
  CHECK ((status = 'paid') = (transaction_hash IS NOT NULL))
);
CREATE INDEX refunds_by_deposit ON refunds (deposit_id);
CREATE INDEX refunds_open ON refunds (created_at) WHERE status = 'open';

ALTER TABLE outgoing_transactions ADD COLUMN refund_id text REFERENCES refunds (id);
-- When an operator asked for higher fees; newer than the newest version means that it is still to be done.
ALTER TABLE outgoing_transactions ADD COLUMN raise_requested_at timestamptz;

GRANT SELECT, INSERT, UPDATE ON refunds TO tollkeeper_app;
`,
};
