import type { Migration } from "./migration.ts";

/**
 * Which challenges of sign-in-with-x were answered. A signed challenge travels in a header and may be seen on its way, so it is taken
 * once; what it was is of no interest, and a row is deleted some time after its challenge is too old anyway.
 */
export const signInNonces: Migration = {
  name: "0028-sign-in-nonces",
  sql: `
CREATE TABLE sign_in_nonces (
  nonce text PRIMARY KEY CHECK (nonce ~ '^[0-9a-f]{64}$'),
  expires_at timestamptz NOT NULL
);
CREATE INDEX sign_in_nonces_expired ON sign_in_nonces (expires_at);

GRANT SELECT, INSERT, UPDATE, DELETE ON sign_in_nonces TO tollkeeper_app;
`,
};
