import type { Migration } from "./migration.ts";

/**
 * What merchants are told: one row per event of theirs, exactly once per key, and the one address each may have it sent to. The address is
 * sealed, because its path or query may be a secret; so are the secrets that sign. An event's content never changes; it may be deleted
 * once it is 90 days old, because the payment log and the books keep what it spoke of for ever. The two indexes serve the deletion of
 * old quotes and the merchants' list of payments.
 */
export const accessTelling: Migration = {
  name: "0035-access-telling",
  sql: `
CREATE TABLE access_events (
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id text NOT NULL UNIQUE,
  merchant_id text NOT NULL REFERENCES merchants (id),
  event_key text NOT NULL CHECK (length(event_key) BETWEEN 1 AND 300),
  type text NOT NULL CHECK (type ~ '^[a-z]+\\.[a-z_]+$'),
  data jsonb NOT NULL CHECK (jsonb_typeof(data) = 'object'),
  occurred_at timestamptz NOT NULL DEFAULT now(),
  delivered_at timestamptz,
  UNIQUE (merchant_id, event_key)
);
CREATE INDEX access_events_by_merchant ON access_events (merchant_id, number DESC);
CREATE INDEX access_events_old ON access_events (occurred_at);
CREATE FUNCTION refuse_young_deletion() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.occurred_at > now() - interval '90 days' THEN
    RAISE EXCEPTION 'An event is kept for 90 days' USING ERRCODE = 'check_violation';
  END IF;
  RETURN OLD;
END $$;
CREATE TRIGGER access_events_are_kept BEFORE DELETE ON access_events
  FOR EACH ROW EXECUTE FUNCTION refuse_young_deletion();

CREATE TABLE merchant_webhooks (
  merchant_id text PRIMARY KEY REFERENCES merchants (id),
  url_sealed text NOT NULL,
  host text NOT NULL CHECK (length(host) BETWEEN 1 AND 255),
  set_at timestamptz NOT NULL DEFAULT now(),
  refused_at timestamptz
);

CREATE TABLE merchant_webhook_secrets (
  id text PRIMARY KEY,
  merchant_id text NOT NULL REFERENCES merchants (id),
  secret_sealed text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  retires_at timestamptz
);
CREATE UNIQUE INDEX merchant_webhook_secrets_one_stays ON merchant_webhook_secrets (merchant_id) WHERE retires_at IS NULL;
CREATE INDEX merchant_webhook_secrets_by_merchant ON merchant_webhook_secrets (merchant_id, created_at DESC);

CREATE INDEX access_payments_by_quote ON access_payments (quote_id);
CREATE INDEX access_payments_newest ON access_payments (merchant_id, id DESC);

ALTER TABLE delivery_attempts DROP CONSTRAINT delivery_attempts_channel_check;
ALTER TABLE delivery_attempts ADD CONSTRAINT delivery_attempts_channel_check
  CHECK (channel IN ('webhook', 'officex', 'officex_inbox', 'email', 'merchant_webhook'));

GRANT SELECT, INSERT, DELETE ON access_events TO tollkeeper_app;
GRANT UPDATE (delivered_at) ON access_events TO tollkeeper_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON merchant_webhooks, merchant_webhook_secrets TO tollkeeper_app;
`,
};
