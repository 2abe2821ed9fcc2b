import type { Migration } from "./migration.ts";

/**
 * Sending in more ways than one: chains without nonces (their lane is the transaction itself), several transactions for one sweep
 * (fuel, then tokens), several sweeps in one transaction, and one transaction with several signed versions of rising fees.
 *
 * A version is what was signed: its bytes are stored before they are sent and never change, so that whichever of them is mined is
 * recognised. `expired` is for chains whose transactions lose their validity: it can never be mined any more.
 */
export const chainsOutgoing: Migration = {
  name: "0014-chains-outgoing",
  sql: `
ALTER TABLE outgoing_transactions ALTER COLUMN nonce DROP NOT NULL;
ALTER TABLE outgoing_transactions ADD COLUMN sweep_id text REFERENCES sweeps (id);
ALTER TABLE outgoing_transactions DROP CONSTRAINT outgoing_transactions_status_check;
ALTER TABLE outgoing_transactions ADD CONSTRAINT outgoing_transactions_status_check
  CHECK (status IN ('reserved', 'prepared', 'broadcast', 'mined', 'failed', 'expired'));
CREATE INDEX outgoing_transactions_by_sweep ON outgoing_transactions (sweep_id) WHERE sweep_id IS NOT NULL;

CREATE TABLE transaction_versions (
  transaction_id text NOT NULL REFERENCES outgoing_transactions (id) ON DELETE CASCADE,
  version integer NOT NULL CHECK (version > 0),
  unsigned jsonb NOT NULL,
  raw text NOT NULL,
  hash text NOT NULL UNIQUE,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (transaction_id, version)
);
INSERT INTO transaction_versions (transaction_id, version, unsigned, raw, hash, created_at)
  SELECT id, 1, unsigned, raw, hash, created_at FROM outgoing_transactions WHERE raw IS NOT NULL;

CREATE TABLE sweep_batches (
  id text PRIMARY KEY,
  chain text NOT NULL,
  token text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);
ALTER TABLE sweeps ADD COLUMN batch_id text REFERENCES sweep_batches (id);
CREATE INDEX sweeps_by_batch ON sweeps (batch_id) WHERE batch_id IS NOT NULL;

GRANT SELECT, INSERT ON transaction_versions, sweep_batches TO tollkeeper_app;
`,
};
