import type { Migration } from "./migration.ts";

/** What each scheduled verification of the books found, so that every process can export the drift and operators see its history. */
export const ledgerVerifications: Migration = {
  name: "0004-ledger-verifications",
  sql: `
CREATE TABLE ledger_verifications (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  verified_at timestamptz NOT NULL DEFAULT now(),
  sound boolean NOT NULL,
  drift_nanodollars numeric(38, 0) NOT NULL CHECK (drift_nanodollars >= 0),
  transfers bigint NOT NULL,
  findings jsonb NOT NULL
);
GRANT SELECT, INSERT ON ledger_verifications TO tollkeeper_app;
`,
};
