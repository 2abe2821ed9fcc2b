import type { Migration } from "./migration.ts";

/**
 * Usage reported by signal that could not be charged. A signal has no answer, so what HTTP would have said is kept here: one row per
 * report and reason, however often it came. `report` is its JSON as text: whatever was sent is kept, also what jsonb refuses. No foreign
 * key: a report may name a purchase that never was.
 */
export const purchasesUsageRefusals: Migration = {
  name: "0022-purchases-usage-refusals",
  sql: `
CREATE TABLE usage_refusals (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  purchase_id text NOT NULL CHECK (length(purchase_id) <= 200),
  event_id text,
  code text NOT NULL CHECK (code ~ '^[a-z][a-z0-9_]*$'),
  detail text NOT NULL,
  report text NOT NULL CHECK (length(report) <= 20000),
  report_hash bytea NOT NULL CHECK (length(report_hash) = 32),
  refused_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (purchase_id, report_hash, code)
);
CREATE INDEX usage_refusals_by_event ON usage_refusals (purchase_id, event_id, id DESC) WHERE event_id IS NOT NULL;
CREATE INDEX usage_refusals_by_time ON usage_refusals (refused_at DESC);

GRANT SELECT, INSERT ON usage_refusals TO tollkeeper_app;
`,
};
