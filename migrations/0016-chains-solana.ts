import type { Migration } from "./migration.ts";

/**
 * Chains whose addresses cannot be derived from public keys, and whose nodes answer by account instead of by range of blocks (Solana).
 *
 * `address_stock` holds addresses that the worker's signer made and nobody has yet: a checkout takes one out in its own transaction.
 * `account_watches` says per address what it held at the last look, what was read of it, and when it is looked at next. One row per
 * address, made with it.
 */
export const chainsSolana: Migration = {
  name: "0016-chains-solana",
  sql: `
CREATE TABLE address_stock (
  key_ring_id text NOT NULL REFERENCES key_rings (id),
  index integer NOT NULL CHECK (index >= 0),
  chain_kind text NOT NULL CHECK (chain_kind IN ('evm', 'solana')),
  address text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (key_ring_id, index),
  UNIQUE (chain_kind, address)
);
CREATE INDEX address_stock_by_kind ON address_stock (chain_kind, index);

CREATE TABLE account_watches (
  deposit_address_id text PRIMARY KEY REFERENCES deposit_addresses (id),
  holdings text NOT NULL DEFAULT '',
  cursor jsonb NOT NULL DEFAULT '{}',
  is_settled boolean NOT NULL DEFAULT true,
  changed_at timestamptz NOT NULL DEFAULT now(),
  read_at timestamptz,
  due_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX account_watches_due ON account_watches (due_at);

GRANT SELECT, INSERT, DELETE ON address_stock TO tollkeeper_app;
-- Taking one locks it first.
GRANT UPDATE ON address_stock TO tollkeeper_app;
GRANT SELECT, INSERT, UPDATE ON account_watches TO tollkeeper_app;
`,
};
