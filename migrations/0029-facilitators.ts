import type { Migration } from "./migration.ts";

/**
 * Facilitators of x402: what each last said it supports, so that payments are offered while it is down; and the books of our own. A
 * settlement is claimed here, by what makes the signed payment unique, before anything is broadcast: whoever asks again, of whatever
 * process, finds what became of it. A broadcast is written with its transaction before it is sent, so a crash never hides one. On EVM
 * chains the wallet's nonces come from the lane, one settlement at a time, and a nonce that was given back is given out again.
 */
export const facilitators: Migration = {
  name: "0029-facilitators",
  sql: `
CREATE TABLE facilitator_kinds (
  name text PRIMARY KEY,
  url text NOT NULL,
  kinds jsonb NOT NULL,
  fetched_at timestamptz NOT NULL
);

CREATE TABLE facilitator_settlements (
  network text NOT NULL,
  payload_key text NOT NULL,
  claim uuid NOT NULL,
  claimed_until timestamptz NOT NULL,
  requirements jsonb NOT NULL,
  wallet text,
  nonce bigint CHECK (nonce >= 0),
  transaction text,
  raw_transaction text,
  outcome jsonb,
  created_at timestamptz NOT NULL DEFAULT now(),
  sent_at timestamptz,
  resolved_at timestamptz,
  PRIMARY KEY (network, payload_key),
  CHECK ((transaction IS NULL) = (raw_transaction IS NULL)),
  CHECK ((outcome IS NULL) = (resolved_at IS NULL))
);
CREATE UNIQUE INDEX facilitator_settlements_nonces ON facilitator_settlements (network, wallet, nonce) WHERE nonce IS NOT NULL;
CREATE INDEX facilitator_settlements_unresolved ON facilitator_settlements (network, wallet) WHERE outcome IS NULL;

CREATE TABLE facilitator_lanes (
  network text NOT NULL,
  wallet text NOT NULL,
  PRIMARY KEY (network, wallet)
);

GRANT SELECT, INSERT, UPDATE ON facilitator_kinds, facilitator_settlements, facilitator_lanes TO tollkeeper_app;
`,
};
