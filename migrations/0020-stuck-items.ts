import type { Migration } from "./migration.ts";

/**
 * What stands still past the time its state allows, with a reason and what to do: one open row per subject and kind, closed by itself
 * once it moves. `alert` is the alert that told of it; alerts are told by the batch and close with the last of theirs.
 */
export const stuckItems: Migration = {
  name: "0020-stuck-items",
  sql: `
CREATE TABLE stuck_items (
  id text PRIMARY KEY,
  subject text NOT NULL CHECK (subject <> ''),
  kind text NOT NULL CHECK (kind ~ '^[a-z][a-z_]*$'),
  since timestamptz NOT NULL,
  reason text NOT NULL CHECK (reason <> ''),
  detail text,
  next_action text NOT NULL CHECK (next_action <> ''),
  alert text NOT NULL,
  found_at timestamptz NOT NULL DEFAULT now(),
  resolved_at timestamptz
);
CREATE UNIQUE INDEX stuck_items_open ON stuck_items (subject, kind) WHERE resolved_at IS NULL;
CREATE INDEX stuck_items_listed ON stuck_items (id) WHERE resolved_at IS NULL;
GRANT SELECT, INSERT, UPDATE ON stuck_items TO tollkeeper_app;
`,
};
