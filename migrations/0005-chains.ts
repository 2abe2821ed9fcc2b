import type { Migration } from "./migration.ts";

/**
 * Chains: key rings and their deposit addresses, what arrived there, and what the vendor wallet sent.
 * Amounts are token base units. A deposit is unique by where it stands on its chain, an outgoing transaction by its key and by
 * its nonce, so replays and parallel scanners meet a constraint and not a second credit or a second send.
 */
export const chains: Migration = {
  name: "0005-chains",
  sql: `
CREATE TABLE key_rings (
  id text PRIMARY KEY,
  chain_kind text NOT NULL CHECK (chain_kind IN ('evm', 'solana')),
  xpub_fingerprint text NOT NULL UNIQUE,
  created_at timestamptz NOT NULL DEFAULT now()
);

-- One sequence for every key ring: an index is never given twice, takes no row lock, and a rolled back checkout only leaves a gap.
CREATE SEQUENCE deposit_address_index AS integer MINVALUE 0 START WITH 0 MAXVALUE 2147483647 NO CYCLE;

CREATE TABLE deposit_addresses (
  id text PRIMARY KEY,
  key_ring_id text NOT NULL REFERENCES key_rings (id),
  index integer NOT NULL CHECK (index >= 0),
  chain_kind text NOT NULL CHECK (chain_kind IN ('evm', 'solana')),
  address text NOT NULL,
  account text NOT NULL CHECK (account <> ''),
  wake_subject text NOT NULL CHECK (wake_subject <> ''),
  created_at timestamptz NOT NULL DEFAULT now(),
  retired_at timestamptz,
  UNIQUE (key_ring_id, index),
  UNIQUE (chain_kind, address)
);
CREATE INDEX deposit_addresses_by_age ON deposit_addresses (chain_kind, created_at);

CREATE TABLE chain_cursors (
  chain text PRIMARY KEY,
  scanned_to bigint NOT NULL,
  scanned_hash text NOT NULL,
  head bigint NOT NULL,
  scanned_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE sweeps (
  id text PRIMARY KEY,
  deposit_address_id text NOT NULL REFERENCES deposit_addresses (id),
  chain text NOT NULL,
  token text NOT NULL,
  destination text NOT NULL,
  amount_units numeric(78,0) NOT NULL CHECK (amount_units > 0),
  status text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'swept')),
  attempts integer NOT NULL DEFAULT 1 CHECK (attempts > 0),
  settled_transaction_hash text,
  entry_id text,
  created_at timestamptz NOT NULL DEFAULT now(),
  swept_at timestamptz,
  CHECK ((status = 'swept') = (swept_at IS NOT NULL))
);
CREATE INDEX sweeps_open ON sweeps (deposit_address_id, chain) WHERE status = 'open';

CREATE TABLE deposits (
  id text PRIMARY KEY,
  chain text NOT NULL,
  token text NOT NULL,
  transaction_hash text NOT NULL,
  log_index integer NOT NULL CHECK (log_index >= 0),
  block_number bigint NOT NULL,
  block_hash text NOT NULL,
  from_address text NOT NULL,
  address text NOT NULL,
  amount_units numeric(78,0) NOT NULL CHECK (amount_units > 0),
  status text NOT NULL DEFAULT 'observed' CHECK (status IN ('observed', 'confirmed', 'orphaned')),
  waiting_for text,
  deposit_address_id text NOT NULL REFERENCES deposit_addresses (id),
  account text NOT NULL,
  sweep_id text REFERENCES sweeps (id),
  observed_at timestamptz NOT NULL DEFAULT now(),
  confirmed_at timestamptz,
  entry_id text,
  UNIQUE (chain, transaction_hash, log_index),
  CHECK ((status = 'confirmed') = (confirmed_at IS NOT NULL)),
  CHECK (sweep_id IS NULL OR status = 'confirmed')
);
CREATE INDEX deposits_by_address ON deposits (deposit_address_id, observed_at);
CREATE INDEX deposits_unconfirmed ON deposits (chain, block_number) WHERE status = 'observed';
CREATE INDEX deposits_unswept ON deposits (deposit_address_id) WHERE status = 'confirmed' AND sweep_id IS NULL;
CREATE INDEX deposits_by_sweep ON deposits (sweep_id) WHERE sweep_id IS NOT NULL;

-- The serial nonce lane of a wallet: its row is locked while the next nonce is given.
CREATE TABLE wallet_lanes (
  chain text NOT NULL,
  address text NOT NULL,
  PRIMARY KEY (chain, address)
);

CREATE TABLE outgoing_transactions (
  id text PRIMARY KEY,
  key text NOT NULL UNIQUE,
  chain text NOT NULL,
  from_address text NOT NULL,
  nonce bigint NOT NULL CHECK (nonce >= 0),
  unsigned jsonb NOT NULL,
  raw text,
  hash text UNIQUE,
  status text NOT NULL DEFAULT 'reserved' CHECK (status IN ('reserved', 'prepared', 'broadcast', 'mined', 'failed')),
  block_number bigint,
  gas_used numeric(78,0),
  fee_units numeric(78,0),
  cost_recorded_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  broadcast_at timestamptz,
  mined_at timestamptz,
  UNIQUE (chain, from_address, nonce),
  CHECK ((status = 'reserved') = (raw IS NULL)),
  CHECK ((raw IS NULL) = (hash IS NULL))
);
CREATE INDEX outgoing_transactions_open ON outgoing_transactions (chain, from_address)
  WHERE status IN ('reserved', 'prepared', 'broadcast');

GRANT SELECT, INSERT ON key_rings, wallet_lanes TO tollkeeper_app;
GRANT UPDATE ON wallet_lanes TO tollkeeper_app;
GRANT SELECT, INSERT, UPDATE ON deposit_addresses, chain_cursors, sweeps, deposits, outgoing_transactions TO tollkeeper_app;
GRANT USAGE ON SEQUENCE deposit_address_index TO tollkeeper_app;
`,
};
