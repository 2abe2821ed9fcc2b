import type { Migration } from "./migration.ts";

/**
 * Signing secrets that are replaced without a gap: each is sealed, and an old one goes on signing until it retires. And the listeners
 * that answered 410: they want no more, so they get no more until an operator sends something again. A listener is known by the SHA-256
 * of its address, because the address itself may be a secret.
 */
export const noticesWebhooks: Migration = {
  name: "0026-notices-webhooks",
  sql: `
CREATE TABLE webhook_secrets (
  id text PRIMARY KEY,
  secret_sealed text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  retires_at timestamptz
);

CREATE TABLE webhook_refusals (
  listener bytea PRIMARY KEY CHECK (length(listener) = 32),
  host text NOT NULL,
  refused_at timestamptz NOT NULL DEFAULT now(),
  lifted_at timestamptz
);

GRANT SELECT, INSERT ON webhook_secrets TO tollkeeper_app;
GRANT UPDATE (retires_at) ON webhook_secrets TO tollkeeper_app;
GRANT SELECT, INSERT ON webhook_refusals TO tollkeeper_app;
GRANT UPDATE (refused_at, lifted_at) ON webhook_refusals TO tollkeeper_app;
`,
};
