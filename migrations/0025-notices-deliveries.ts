import type { Migration } from "./migration.ts";

/**
 * The delivery log: one row per attempt to tell somebody something, never changed, so that "did you tell them, when, and what did they
 * say" has an answer. It names a host and never a path, a query, a key or a body. Beside it what OfficeX was last told about a purchase.
 */
export const noticesDeliveries: Migration = {
  name: "0025-notices-deliveries",
  sql: `
CREATE TABLE delivery_attempts (
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  event_id text NOT NULL CHECK (event_id <> ''),
  channel text NOT NULL CHECK (channel IN ('webhook', 'officex', 'officex_inbox', 'email')),
  attempt integer NOT NULL CHECK (attempt > 0),
  destination text CHECK (length(destination) BETWEEN 1 AND 255),
  outcome text NOT NULL CHECK (outcome ~ '^[a-z][a-z0-9_]{0,63}$'),
  status integer,
  detail text CHECK (length(detail) <= 300),
  duration_milliseconds integer NOT NULL CHECK (duration_milliseconds >= 0),
  attempted_at timestamptz NOT NULL DEFAULT now(),
  next_try_at timestamptz
);
CREATE INDEX delivery_attempts_by_event ON delivery_attempts (event_id, channel, number DESC);
CREATE TRIGGER delivery_attempts_are_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON delivery_attempts
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE officex_records (
  purchase_id text PRIMARY KEY REFERENCES purchases (id),
  status text,
  accepted_at timestamptz,
  last_outcome text NOT NULL CHECK (last_outcome ~ '^[a-z][a-z0-9_]{0,63}$'),
  attempted_at timestamptz NOT NULL DEFAULT now(),
  CHECK ((status IS NULL) = (accepted_at IS NULL))
);

GRANT SELECT, INSERT ON delivery_attempts TO tollkeeper_app;
GRANT SELECT, INSERT, UPDATE ON officex_records TO tollkeeper_app;
`,
};
