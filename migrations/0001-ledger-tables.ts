import type { Migration } from "./migration.ts";

/**
 * The ledger's tables. One row of `journal` is one transfer (debit account, credit account, positive amount), so an unbalanced
 * entry cannot be written by anybody; an entry is one or more transfers sharing `entry_id`. Why: docs/decisions/0101-a-journal-row-is-a-whole-transfer.md.
 */
export const ledgerTables: Migration = {
  name: "0001-ledger-tables",
  sql: `
-- What an account is follows from the first part of its name ("purchase/pur_1" is of class "purchase").
CREATE TABLE account_classes (
  class text COLLATE "C" PRIMARY KEY,
  type text NOT NULL CHECK (type IN ('asset', 'liability', 'revenue', 'expense')),
  materialised boolean NOT NULL,
  CHECK (NOT materialised OR type = 'liability')
);
INSERT INTO account_classes (class, type, materialised) VALUES
  ('purchase', 'liability', true), ('tenant', 'liability', true), ('credit', 'liability', true),
  ('merchant', 'liability', true), ('grant', 'liability', true), ('held', 'liability', true),
  ('deposit-wallet', 'asset', false), ('sweep-in-transit', 'asset', false), ('treasury', 'asset', false),
  ('gas-tank', 'asset', false), ('stripe-clearing', 'asset', false), ('receivable', 'asset', false),
  ('suspense', 'liability', false), ('upstream-payable', 'liability', false),
  ('revenue', 'revenue', false), ('platform-fee', 'revenue', false),
  ('network-cost', 'expense', false), ('cost-of-goods', 'expense', false), ('promotions', 'expense', false),
  ('bad-debt', 'expense', false);

-- Customer-side accounts have positive even ids, and the funds held on account N are account N + 1. System accounts have
-- negative ids and no balance row, so no posting ever waits for another customer's.
CREATE SEQUENCE customer_account_ids AS bigint START WITH 2 INCREMENT BY 2;
CREATE SEQUENCE system_account_ids AS bigint START WITH -1 INCREMENT BY -1;
CREATE TABLE ledger_accounts (
  id bigint PRIMARY KEY CHECK (id <> 0),
  name text COLLATE "C" NOT NULL UNIQUE CHECK (length(name) <= 400),
  class text COLLATE "C" NOT NULL REFERENCES account_classes,
  created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE entry_kinds (
  id smallint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text COLLATE "C" NOT NULL UNIQUE
);

-- Each batch takes one value and numbers its entries from there: a batch never holds more than 1,000 entries.
CREATE SEQUENCE journal_batches AS bigint START WITH 1024 INCREMENT BY 1024;
CREATE TABLE journal (
  entry_id bigint NOT NULL,
  debit_account bigint NOT NULL,
  credit_account bigint NOT NULL,
  amount bigint NOT NULL CHECK (amount > 0 AND amount <= 1000000000000000000),
  created_at timestamptz NOT NULL,
  ref uuid,
  payload_hash uuid,
  leg smallint NOT NULL,
  kind smallint NOT NULL,
  PRIMARY KEY (entry_id, leg),
  CHECK (debit_account <> credit_account),
  CHECK (leg >= 0 AND (leg = 0) = (ref IS NOT NULL) AND (leg = 0) = (payload_hash IS NOT NULL))
) WITH (autovacuum_vacuum_insert_scale_factor = 0.1, autovacuum_analyze_scale_factor = 0.1);
CREATE UNIQUE INDEX journal_ref ON journal (ref) WHERE ref IS NOT NULL;
CREATE INDEX journal_debits ON journal (debit_account, entry_id) WHERE debit_account > 0;
CREATE INDEX journal_credits ON journal (credit_account, entry_id) WHERE credit_account > 0;

-- Words that belong to an entry, where it has any; the hot path usually has none.
CREATE TABLE entry_details (
  entry_id bigint PRIMARY KEY,
  idempotency_key text NOT NULL,
  description text,
  metadata jsonb
);

-- balance is what may be spent (posted minus held). The two cached levels keep thresholds off the hot path.
CREATE TABLE balances (
  account_id bigint PRIMARY KEY REFERENCES ledger_accounts CHECK (account_id > 0 AND account_id % 2 = 0),
  balance bigint NOT NULL DEFAULT 0,
  held bigint NOT NULL DEFAULT 0 CHECK (held >= 0),
  floor bigint NOT NULL DEFAULT 0 CHECK (floor <= 0),
  version bigint NOT NULL DEFAULT 0,
  highest_armed bigint NOT NULL DEFAULT -9223372036854775808,
  lowest_rearm bigint NOT NULL DEFAULT 9223372036854775807,
  closes_at timestamptz,
  wake_subject text,
  CHECK (balance >= floor),
  CHECK (version > 0 OR (balance = 0 AND held = 0))
) WITH (fillfactor = 60, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_cost_delay = 0);

CREATE TABLE balance_thresholds (
  account_id bigint NOT NULL REFERENCES balances,
  name text COLLATE "C" NOT NULL,
  level bigint NOT NULL,
  rearm_above bigint NOT NULL,
  armed boolean NOT NULL DEFAULT true,
  epoch bigint NOT NULL DEFAULT 1,
  PRIMARY KEY (account_id, name),
  CHECK (rearm_above >= level)
);
-- One row for one crossing, for ever. entry_id is null where a refused charge crossed it.
CREATE TABLE threshold_crossings (
  account_id bigint NOT NULL,
  name text COLLATE "C" NOT NULL,
  epoch bigint NOT NULL,
  entry_id bigint,
  level bigint NOT NULL,
  balance bigint NOT NULL,
  crossed_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (account_id, name, epoch)
);
CREATE INDEX threshold_crossings_entry ON threshold_crossings (entry_id) WHERE entry_id IS NOT NULL;

-- The outbox of "look again" hints: one row per subject, however often it was raised.
CREATE TABLE wakes (
  subject text COLLATE "C" PRIMARY KEY,
  seq bigint NOT NULL DEFAULT 1,
  sent_seq bigint NOT NULL DEFAULT 0,
  attempts integer NOT NULL DEFAULT 0,
  next_at timestamptz NOT NULL DEFAULT now(),
  last_error text,
  updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX wakes_pending ON wakes (next_at) WHERE seq > sent_seq;

-- hold_id is the ref of the entry that authorised it.
CREATE TABLE holds (
  hold_id uuid PRIMARY KEY,
  account_id bigint NOT NULL REFERENCES balances,
  amount bigint NOT NULL CHECK (amount > 0),
  settled_amount bigint,
  status text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'settled', 'released', 'expired')),
  purpose text NOT NULL,
  expires_at timestamptz NOT NULL,
  authorised_entry bigint NOT NULL,
  closed_entry bigint,
  created_at timestamptz NOT NULL,
  closed_at timestamptz,
  CHECK ((status = 'open') = (closed_at IS NULL)),
  CHECK ((status = 'settled') = (settled_amount IS NOT NULL)),
  CHECK (settled_amount BETWEEN 0 AND amount)
);
CREATE INDEX holds_due ON holds (expires_at) WHERE status = 'open';
CREATE INDEX holds_open ON holds (account_id) WHERE status = 'open';

-- A grant is an account of its own; these are the words that order its spending.
CREATE TABLE grants (
  grant_id text COLLATE "C" PRIMARY KEY,
  account_id bigint NOT NULL UNIQUE REFERENCES balances,
  owner_account_id bigint NOT NULL REFERENCES balances,
  priority integer NOT NULL,
  expires_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX grants_owner ON grants (owner_account_id, priority, expires_at, grant_id);

-- Digests of the journal, chunk by chunk in entry order, each chained to the one before: an edit far back is found and located.
CREATE TABLE ledger_checkpoints (
  up_to_entry bigint PRIMARY KEY,
  after_entry bigint NOT NULL,
  transfers bigint NOT NULL,
  digest bytea NOT NULL,
  chain bytea NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);

GRANT SELECT ON account_classes, ledger_accounts, entry_kinds, journal, entry_details, balances, balance_thresholds,
  threshold_crossings, holds, grants, ledger_checkpoints TO tollkeeper_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON wakes TO tollkeeper_app;
`,
};
