import type { Migration } from "./migration.ts";

/**
 * What operators are told without asking. An alert is open once per subject and code, so a condition that lasts is told once and, once
 * over, may be told again. Gas tank readings are the history a runway is judged by; the latest of each chain is what everybody reads.
 */
export const operatorsWatch: Migration = {
  name: "0018-operators-watch",
  sql: `
CREATE TABLE operator_alerts (
  id text PRIMARY KEY,
  subject text NOT NULL CHECK (subject <> ''),
  code text NOT NULL CHECK (code ~ '^[a-z][a-z0-9_]*$'),
  text text NOT NULL CHECK (text <> ''),
  since timestamptz NOT NULL DEFAULT now(),
  resolved_at timestamptz,
  delivered_at timestamptz
);
CREATE UNIQUE INDEX operator_alerts_open ON operator_alerts (subject, code) WHERE resolved_at IS NULL;

CREATE TABLE gas_tank_readings (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  chain text NOT NULL,
  wallet text NOT NULL,
  balance_units numeric(78,0) NOT NULL CHECK (balance_units >= 0),
  gas_price_units numeric(78,0) NOT NULL CHECK (gas_price_units >= 0),
  sweeps_left bigint NOT NULL CHECK (sweeps_left >= 0),
  runways jsonb NOT NULL,
  level text NOT NULL CHECK (level IN ('ok', 'low', 'empty')),
  read_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX gas_tank_readings_latest ON gas_tank_readings (chain, id DESC);

GRANT SELECT, INSERT, UPDATE ON operator_alerts TO tollkeeper_app;
GRANT SELECT, INSERT, DELETE ON gas_tank_readings TO tollkeeper_app;
`,
};
