import type { Migration } from "./migration.ts";

/**
 * What was metered, beside what it cost. Monthly range partitions with a default one, so an event of any date is kept; where the
 * timescaledb extension is loaded the same columns become a hypertable with monthly chunks.
 */
export const ledgerUsage: Migration = {
  name: "0001-ledger-usage",
  sql: `
DO $migration$
DECLARE
  shape constant text := 'CREATE TABLE usage_records (
    account_id bigint NOT NULL, entry_id bigint NOT NULL, occurred_at timestamptz NOT NULL, amount bigint NOT NULL,
    quantity numeric(38, 9) NOT NULL CHECK (quantity >= 0 AND quantity < ''Infinity''), unit text NOT NULL, description text, metadata jsonb)';
BEGIN
  IF EXISTS (SELECT FROM pg_extension WHERE extname = 'timescaledb') THEN
    EXECUTE shape;
    PERFORM create_hypertable('usage_records', 'occurred_at', chunk_time_interval => interval '1 month', create_default_indexes => false);
  ELSE
    EXECUTE shape || ' PARTITION BY RANGE (occurred_at)';
    CREATE TABLE usage_records_default PARTITION OF usage_records DEFAULT;
  END IF;
END $migration$;
CREATE INDEX usage_records_account ON usage_records (account_id, occurred_at);

-- Makes the partitions from two months back to p_months_ahead from now and answers how many were new. Rows that had landed in the
-- default partition move to their own. Safe to repeat and to run twice at once.
CREATE FUNCTION ensure_usage_partitions(p_months_ahead integer DEFAULT 12) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $function$
DECLARE
  v_month timestamptz;
  v_name text;
  v_created integer := 0;
BEGIN
  IF p_months_ahead NOT BETWEEN 0 AND 120 THEN RAISE EXCEPTION 'months ahead must be 0 to 120' USING ERRCODE = '22023'; END IF;
  IF to_regclass('public.usage_records_default') IS NULL THEN RETURN 0; END IF;
  PERFORM pg_advisory_xact_lock(hashtext('ensure_usage_partitions'));
  FOR i IN -2..p_months_ahead LOOP
    v_month := (date_trunc('month', now() AT TIME ZONE 'UTC') + make_interval(months => i)) AT TIME ZONE 'UTC';
    v_name := 'usage_records_' || to_char(v_month AT TIME ZONE 'UTC', 'YYYY_MM');
    CONTINUE WHEN to_regclass('public.' || v_name) IS NOT NULL;
    LOCK TABLE usage_records IN ACCESS EXCLUSIVE MODE;
    EXECUTE format('CREATE TABLE %I (LIKE usage_records INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', v_name);
    EXECUTE format('WITH late AS (DELETE FROM usage_records_default WHERE occurred_at >= %L AND occurred_at < %L RETURNING *)
      INSERT INTO %I SELECT * FROM late', v_month, ((v_month AT TIME ZONE 'UTC') + interval '1 month') AT TIME ZONE 'UTC', v_name);
    EXECUTE format('ALTER TABLE usage_records ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', v_name, v_month,
      ((v_month AT TIME ZONE 'UTC') + interval '1 month') AT TIME ZONE 'UTC');
    v_created := v_created + 1;
  END LOOP;
  RETURN v_created;
END $function$;
SELECT ensure_usage_partitions();

REVOKE ALL ON FUNCTION ensure_usage_partitions(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ensure_usage_partitions(integer) TO tollkeeper_app;
GRANT SELECT ON usage_records TO tollkeeper_app;
`,
};
