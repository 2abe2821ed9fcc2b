import type { Migration } from "./migration.ts";

/**
 * The access room (seed 001): merchants and their wallets, what they rent out, the quotes of every 402, the payments made against them,
 * the sessions they opened, and two append-only records: what was said in a session, and what became of every try to pay.
 *
 * The rules that keep money safe are constraints. A signed payment is used once per network, whatever it is shown for. A quote is paid
 * once: another try is taken only after the last one failed for good. One payment at a time may be under way for an asset, and one
 * session may be active on it. An amount is kept in base units of its token beside nanodollars, so it is exact on both sides.
 */
export const access: Migration = {
  name: "0027-access",
  sql: `
INSERT INTO account_classes (class, type, materialised) VALUES
  ('payer', 'liability', true), ('settlement-wallet', 'asset', false);

CREATE TABLE merchants (
  id text PRIMARY KEY,
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
  wallet_address text NOT NULL,
  fee_basis_points integer CHECK (fee_basis_points BETWEEN 0 AND 10000),
  settlement_mode text NOT NULL DEFAULT 'direct' CHECK (settlement_mode IN ('direct', 'custodial')),
  refunds_unused boolean NOT NULL DEFAULT false,
  is_active boolean NOT NULL DEFAULT true,
  created_at timestamptz NOT NULL DEFAULT now(),
  deactivated_at timestamptz,
  CHECK (is_active = (deactivated_at IS NULL))
);

CREATE TABLE merchant_wallets (
  merchant_id text NOT NULL REFERENCES merchants (id),
  network text NOT NULL,
  address text NOT NULL,
  checked_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (merchant_id, network)
);

CREATE TABLE assets (
  id text PRIMARY KEY,
  merchant_id text NOT NULL REFERENCES merchants (id),
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
  description text CHECK (length(description) <= 2000),
  type text NOT NULL CHECK (type IN ('gpu', 'printer', 'iot', 'other')),
  unit text NOT NULL CHECK (unit IN ('minute', 'hour', 'day', 'session')),
  unit_seconds integer NOT NULL CHECK (unit_seconds BETWEEN 1 AND 31536000),
  price_nanodollars bigint NOT NULL CHECK (price_nanodollars > 0),
  in_maintenance boolean NOT NULL DEFAULT false,
  metadata jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(metadata) = 'object' AND octet_length(metadata::text) <= 16384),
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX assets_by_merchant ON assets (merchant_id, id);

CREATE TABLE access_sessions (
  id text PRIMARY KEY,
  token_hash bytea NOT NULL UNIQUE CHECK (length(token_hash) = 32),
  token_sealed text NOT NULL,
  merchant_id text NOT NULL REFERENCES merchants (id),
  asset_id text NOT NULL REFERENCES assets (id),
  payer_network text NOT NULL,
  payer text NOT NULL,
  status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'expired', 'stopped', 'revoked')),
  unit text NOT NULL,
  unit_seconds integer NOT NULL CHECK (unit_seconds > 0),
  units integer NOT NULL CHECK (units > 0),
  paid_nanodollars bigint NOT NULL CHECK (paid_nanodollars >= 0),
  is_extended boolean NOT NULL DEFAULT false,
  started_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL CHECK (expires_at > started_at),
  ended_at timestamptz,
  event_seq integer NOT NULL DEFAULT 0,
  CHECK ((status = 'active') = (ended_at IS NULL))
);
CREATE UNIQUE INDEX access_sessions_one_per_asset ON access_sessions (asset_id) WHERE status = 'active';
CREATE INDEX access_sessions_ending ON access_sessions (expires_at) WHERE status = 'active';
CREATE INDEX access_sessions_by_asset ON access_sessions (asset_id, started_at DESC);
CREATE INDEX access_sessions_by_payer ON access_sessions (payer, asset_id);

CREATE TABLE access_quotes (
  id text PRIMARY KEY,
  secret_hash bytea NOT NULL CHECK (length(secret_hash) = 32),
  merchant_id text NOT NULL REFERENCES merchants (id),
  asset_id text NOT NULL REFERENCES assets (id),
  session_id text REFERENCES access_sessions (id),
  unit text NOT NULL,
  unit_seconds integer NOT NULL CHECK (unit_seconds > 0),
  units integer NOT NULL CHECK (units > 0),
  price_nanodollars bigint NOT NULL CHECK (price_nanodollars > 0),
  total_nanodollars bigint NOT NULL CHECK (total_nanodollars > 0),
  settlement_mode text NOT NULL CHECK (settlement_mode IN ('direct', 'custodial')),
  options jsonb NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL
);
CREATE INDEX access_quotes_expired ON access_quotes (expires_at);
CREATE INDEX access_quotes_of_asset ON access_quotes (asset_id, expires_at DESC);

CREATE TABLE access_payments (
  id text PRIMARY KEY,
  quote_id text NOT NULL REFERENCES access_quotes (id),
  merchant_id text NOT NULL REFERENCES merchants (id),
  asset_id text NOT NULL REFERENCES assets (id),
  is_extension boolean NOT NULL,
  session_id text REFERENCES access_sessions (id),
  dialect text NOT NULL CHECK (dialect IN ('v1', 'v2', 'pay2', 'balance')),
  status text NOT NULL CHECK (status IN ('submitted', 'unknown', 'settled', 'failed', 'unserved')),
  settlement_mode text NOT NULL CHECK (settlement_mode IN ('direct', 'custodial')),
  network text NOT NULL,
  token text NOT NULL,
  pay_to text NOT NULL,
  payer text NOT NULL,
  amount_units bigint NOT NULL CHECK (amount_units > 0),
  gross_nanodollars bigint NOT NULL CHECK (gross_nanodollars > 0),
  fee_basis_points integer NOT NULL CHECK (fee_basis_points BETWEEN 0 AND 10000),
  fee_units bigint NOT NULL CHECK (fee_units BETWEEN 0 AND amount_units),
  payload_key text NOT NULL,
  payload_sealed text,
  valid_until timestamptz,
  facilitator text,
  transaction text,
  key_hash bytea CHECK (length(key_hash) = 32),
  failure_code text,
  failure_detail text,
  receipt text,
  created_at timestamptz NOT NULL DEFAULT now(),
  resolved_at timestamptz,
  UNIQUE (network, payload_key),
  CHECK ((status IN ('submitted', 'unknown')) = (resolved_at IS NULL)),
  CHECK (status <> 'settled' OR session_id IS NOT NULL),
  CHECK (status NOT IN ('settled', 'unserved') OR transaction IS NOT NULL)
);
CREATE UNIQUE INDEX access_payments_transaction ON access_payments (network, transaction) WHERE transaction IS NOT NULL AND status <> 'failed';
CREATE UNIQUE INDEX access_payments_one_per_quote ON access_payments (quote_id) WHERE status <> 'failed';
CREATE UNIQUE INDEX access_payments_one_under_way ON access_payments (asset_id)
  WHERE status IN ('submitted', 'unknown') AND NOT is_extension;
CREATE INDEX access_payments_under_way ON access_payments (created_at) WHERE status IN ('submitted', 'unknown');
CREATE INDEX access_payments_by_merchant ON access_payments (merchant_id, resolved_at);
CREATE INDEX access_payments_by_session ON access_payments (session_id);

CREATE TABLE access_session_events (
  session_id text NOT NULL REFERENCES access_sessions (id),
  seq integer NOT NULL CHECK (seq > 0),
  type text NOT NULL,
  data jsonb NOT NULL,
  occurred_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (session_id, seq)
);
CREATE TRIGGER access_session_events_are_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON access_session_events
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE FUNCTION tell_session_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('access_session_events', NEW.session_id || ':' || NEW.seq);
  RETURN NULL;
END $$;
CREATE TRIGGER access_session_events_told AFTER INSERT ON access_session_events
  FOR EACH ROW EXECUTE FUNCTION tell_session_event();

CREATE TABLE access_payment_log (
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  payment_id text,
  quote_id text,
  merchant_id text NOT NULL,
  asset_id text NOT NULL,
  session_id text,
  event text NOT NULL CHECK (event ~ '^[a-z][a-z0-9_]{0,63}$'),
  success boolean,
  network text,
  token text,
  transaction text,
  payer text,
  amount_units bigint,
  code text,
  detail text CHECK (length(detail) <= 1000),
  facilitator text,
  facilitator_response jsonb,
  occurred_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX access_payment_log_by_payment ON access_payment_log (payment_id, number);
CREATE INDEX access_payment_log_by_merchant ON access_payment_log (merchant_id, number DESC);
CREATE TRIGGER access_payment_log_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON access_payment_log
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

GRANT SELECT, INSERT, UPDATE ON merchants, merchant_wallets, assets, access_sessions, access_payments TO tollkeeper_app;
GRANT SELECT, INSERT, DELETE ON access_quotes TO tollkeeper_app;
GRANT SELECT, INSERT ON access_session_events, access_payment_log TO tollkeeper_app;
`,
};
