import type { Migration } from "./migration.ts";

/**
 * What comparing the chains with the books found, run by run and for ever, so that a drift has a first time. A place is a deposit address,
 * a treasury wallet or a ledger account; each figure is exact in its own unit. `unsettled` is a run in which something moved all the
 * time: it says nothing. What the owner puts into or takes out of a watched treasury is booked against `owner-funds`, once per transfer.
 */
export const chainReconciliations: Migration = {
  name: "0019-chain-reconciliations",
  sql: `
CREATE TABLE chain_reconciliations (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  chain text NOT NULL,
  token text NOT NULL,
  block_number bigint NOT NULL,
  status text NOT NULL CHECK (status IN ('sound', 'drift', 'unsettled')),
  places integer NOT NULL CHECK (places >= 0),
  expected_units numeric(78,0) NOT NULL,
  found_units numeric(78,0) NOT NULL,
  under_way_units numeric(78,0) NOT NULL,
  ledger_nanodollars numeric(38,0) NOT NULL,
  drift_units numeric(78,0) NOT NULL CHECK (drift_units >= 0),
  ran_at timestamptz NOT NULL DEFAULT now(),
  CHECK ((status = 'sound') <= (drift_units = 0))
);
CREATE INDEX chain_reconciliations_latest ON chain_reconciliations (chain, token, id DESC);

CREATE TABLE chain_drifts (
  reconciliation_id bigint NOT NULL REFERENCES chain_reconciliations (id),
  place text NOT NULL,
  unit text NOT NULL CHECK (unit IN ('base_units', 'nanodollars')),
  expected numeric(78,0) NOT NULL,
  found numeric(78,0) NOT NULL,
  PRIMARY KEY (reconciliation_id, place),
  CHECK (expected <> found)
);

ALTER TABLE account_classes DROP CONSTRAINT account_classes_type_check;
ALTER TABLE account_classes ADD CONSTRAINT account_classes_type_check
  CHECK (type IN ('asset', 'liability', 'revenue', 'expense', 'equity'));
INSERT INTO account_classes (class, type, materialised) VALUES ('owner-funds', 'equity', false);

CREATE TABLE treasury_watches (
  chain text NOT NULL,
  token text NOT NULL,
  wallet text NOT NULL,
  opened_block bigint NOT NULL,
  scanned_to bigint NOT NULL CHECK (scanned_to >= opened_block),
  PRIMARY KEY (chain, token, wallet)
);
GRANT SELECT, INSERT ON chain_reconciliations, chain_drifts TO tollkeeper_app;
GRANT SELECT, INSERT, UPDATE ON treasury_watches TO tollkeeper_app;
`,
};
