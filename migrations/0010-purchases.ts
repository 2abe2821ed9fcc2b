import type { Migration } from "./migration.ts";

/**
 * The purchases room (seed 000): what is for sale, a customer's checkout, the sold thing, what was provisioned for it, and its
 * append-only timeline. No balance lives here: money is the ledger's, deposits are the chains room's.
 */
export const purchases: Migration = {
  name: "0010-purchases",
  sql: `
CREATE TABLE offers (
  id text PRIMARY KEY CHECK (id ~ '^[a-z0-9][a-z0-9_-]{0,63}$'),
  sku text NOT NULL UNIQUE,
  kind text NOT NULL,
  checkout_flow_id text NOT NULL UNIQUE,
  title text NOT NULL,
  description text NOT NULL,
  terms jsonb NOT NULL,
  updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE checkouts (
  id text PRIMARY KEY,
  session_hash bytea NOT NULL UNIQUE CHECK (length(session_hash) = 32),
  purchase_id text NOT NULL UNIQUE,
  offer_id text NOT NULL REFERENCES offers (id),
  chain text NOT NULL,
  token text NOT NULL,
  deposit_address_id text NOT NULL UNIQUE,
  deposit_address text NOT NULL,
  status text NOT NULL DEFAULT 'awaiting_deposit' CHECK (status IN ('awaiting_deposit', 'paid', 'finalized', 'expired')),
  minimum_nanodollars bigint NOT NULL CHECK (minimum_nanodollars > 0),
  tracer text NOT NULL,
  email text,
  org_id text,
  user_id text,
  host text,
  org_api_key_sealed text,
  expires_at timestamptz NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  finalized_at timestamptz
);

CREATE TABLE purchases (
  id text PRIMARY KEY,
  checkout_id text NOT NULL UNIQUE REFERENCES checkouts (id),
  offer_id text NOT NULL REFERENCES offers (id),
  kind text NOT NULL,
  title text NOT NULL,
  status text NOT NULL DEFAULT 'provisioning'
    CHECK (status IN ('provisioning', 'active', 'low', 'critical', 'grace', 'terminating', 'terminated', 'refunding', 'stuck')),
  status_since timestamptz NOT NULL DEFAULT now(),
  terms jsonb NOT NULL,
  low_trigger_nanodollars bigint NOT NULL,
  critical_trigger_nanodollars bigint NOT NULL,
  termination_trigger_nanodollars bigint NOT NULL,
  officex_purchase_id text,
  buyer_user_id text,
  buyer_org_id text,
  buyer_org_host text,
  evaluated_sequence bigint NOT NULL DEFAULT 0,
  grace_ends_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  terminated_at timestamptz,
  CHECK (low_trigger_nanodollars > critical_trigger_nanodollars),
  CHECK (critical_trigger_nanodollars > termination_trigger_nanodollars),
  CHECK (termination_trigger_nanodollars >= 0)
);
CREATE INDEX purchases_open ON purchases (status, status_since) WHERE status <> 'terminated';

CREATE TABLE purchase_buckets (
  purchase_id text PRIMARY KEY REFERENCES purchases (id),
  bucket text NOT NULL UNIQUE,
  user_name text NOT NULL UNIQUE,
  region text NOT NULL,
  endpoint text NOT NULL,
  credentials_sealed text,
  created_at timestamptz NOT NULL DEFAULT now(),
  granted_at timestamptz,
  revoked_at timestamptz,
  emptied_at timestamptz,
  versions_deleted bigint NOT NULL DEFAULT 0,
  deleted_at timestamptz
);

CREATE TABLE purchase_events (
  id text PRIMARY KEY,
  purchase_id text NOT NULL REFERENCES purchases (id),
  type text NOT NULL,
  event_key text NOT NULL,
  data jsonb NOT NULL,
  occurred_at timestamptz NOT NULL DEFAULT now(),
  notify boolean NOT NULL DEFAULT false,
  delivered_at timestamptz,
  UNIQUE (purchase_id, event_key)
);
CREATE INDEX purchase_events_timeline ON purchase_events (purchase_id, occurred_at);

GRANT SELECT, INSERT, UPDATE ON offers, checkouts, purchases, purchase_buckets TO tollkeeper_app;
GRANT SELECT, INSERT ON purchase_events TO tollkeeper_app;
GRANT UPDATE (delivered_at) ON purchase_events TO tollkeeper_app;
`,
};
