import type { Migration } from "./migration.ts";

/**
 * Rotation of what a purchase is opened with. Billing keys are derived from the purchase and a generation; a row here is a generation
 * after the first, with the request that asked for it, so that asking again gives the same key. Bucket users: each rotation is a user
 * of its own, written down as wanted before anybody makes it, so that after a crash at any line it is known what may exist.
 */
export const purchasesRotation: Migration = {
  name: "0024-purchases-rotation",
  sql: `
CREATE TABLE billing_key_rotations (
  purchase_id text NOT NULL REFERENCES purchases (id),
  kind text NOT NULL CHECK (kind IN ('customer', 'vendor')),
  generation integer NOT NULL CHECK (generation >= 2),
  request_key text CHECK (length(request_key) <= 255),
  overlap_seconds integer NOT NULL CHECK (overlap_seconds >= 0),
  rotated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (purchase_id, kind, generation),
  UNIQUE (purchase_id, kind, request_key)
);

CREATE TABLE bucket_users (
  purchase_id text NOT NULL REFERENCES purchases (id),
  generation integer NOT NULL CHECK (generation >= 1),
  user_name text NOT NULL UNIQUE,
  status text NOT NULL CHECK (status IN ('wanted', 'current', 'retiring', 'revoked')),
  overlap_seconds integer NOT NULL CHECK (overlap_seconds >= 0),
  requested_at timestamptz NOT NULL DEFAULT now(),
  granted_at timestamptz,
  revoke_at timestamptz,
  revoked_at timestamptz,
  PRIMARY KEY (purchase_id, generation),
  CHECK ((status = 'retiring') <= (revoke_at IS NOT NULL)),
  CHECK ((status = 'revoked') <= (revoked_at IS NOT NULL))
);
CREATE UNIQUE INDEX bucket_users_wanted ON bucket_users (purchase_id) WHERE status = 'wanted';
CREATE UNIQUE INDEX bucket_users_current ON bucket_users (purchase_id) WHERE status = 'current';

GRANT SELECT, INSERT ON billing_key_rotations TO tollkeeper_app;
GRANT SELECT, INSERT, UPDATE ON bucket_users TO tollkeeper_app;
`,
};
