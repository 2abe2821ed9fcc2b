import type { Migration } from "./migration.ts";

/**
 * Offers get ranking hints and can be retired: not sold any more, but known to whoever bought them. A retired offer frees its sku and
 * checkout flow for its successor, so both are unique among what is sold. Lists say what the appstore shows. `source` tells an
 * operator's own catalogue from the built-in one, which a starting server brings up to date. A checkout keeps the terms it showed.
 */
export const purchasesAppstore: Migration = {
  name: "0023-purchases-appstore",
  sql: `
ALTER TABLE offers
  ADD COLUMN appstore jsonb,
  ADD COLUMN position integer NOT NULL DEFAULT 0,
  ADD COLUMN source text NOT NULL DEFAULT 'built-in' CHECK (source IN ('built-in', 'file')),
  ADD COLUMN retired_at timestamptz,
  DROP CONSTRAINT offers_sku_key,
  DROP CONSTRAINT offers_checkout_flow_id_key;
CREATE UNIQUE INDEX offers_sku ON offers (sku) WHERE retired_at IS NULL;
CREATE UNIQUE INDEX offers_checkout_flow ON offers (checkout_flow_id) WHERE retired_at IS NULL;

CREATE TABLE appstore_lists (
  id text PRIMARY KEY CHECK (id ~ '^[a-z0-9][a-z0-9_-]{0,63}$'),
  title text NOT NULL,
  description text NOT NULL,
  hints jsonb NOT NULL,
  offer_ids jsonb NOT NULL,
  position integer NOT NULL DEFAULT 0,
  retired_at timestamptz,
  updated_at timestamptz NOT NULL DEFAULT now()
);

ALTER TABLE checkouts ADD COLUMN terms jsonb;

GRANT SELECT, INSERT, UPDATE ON appstore_lists TO tollkeeper_app;
`,
};
