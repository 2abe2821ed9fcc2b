import type { Migration } from "./migration.ts";

/**
 * What operators and customers were told may be forgotten 90 days after it is over: attempts to deliver, alerts that are resolved, stuck
 * things that move again. Until then nobody can delete it, and what is open never. An attempt still cannot be changed.
 */
export const noticesRetention: Migration = {
  name: "0041-notices-retention",
  sql: `
CREATE FUNCTION refuse_early_deletion() RETURNS trigger LANGUAGE plpgsql AS $function$
BEGIN
  IF ((to_jsonb(OLD) ->> TG_ARGV[0])::timestamptz < now() - interval '90 days') IS NOT TRUE THEN
    RAISE EXCEPTION 'A row of % is kept for 90 days after it is over', TG_TABLE_NAME USING ERRCODE = 'check_violation';
  END IF;
  RETURN OLD;
END $function$;

DROP TRIGGER delivery_attempts_are_append_only ON delivery_attempts;
CREATE TRIGGER delivery_attempts_are_never_changed BEFORE UPDATE OR TRUNCATE ON delivery_attempts
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER delivery_attempts_are_kept BEFORE DELETE ON delivery_attempts
  FOR EACH ROW EXECUTE FUNCTION refuse_early_deletion('attempted_at');
CREATE TRIGGER operator_alerts_are_kept BEFORE DELETE ON operator_alerts
  FOR EACH ROW EXECUTE FUNCTION refuse_early_deletion('resolved_at');
CREATE TRIGGER stuck_items_are_kept BEFORE DELETE ON stuck_items
  FOR EACH ROW EXECUTE FUNCTION refuse_early_deletion('resolved_at');

CREATE INDEX delivery_attempts_old ON delivery_attempts (attempted_at);
CREATE INDEX operator_alerts_old ON operator_alerts (resolved_at) WHERE resolved_at IS NOT NULL;
CREATE INDEX stuck_items_old ON stuck_items (resolved_at) WHERE resolved_at IS NOT NULL;

GRANT DELETE ON delivery_attempts, operator_alerts, stuck_items TO tollkeeper_app;
-- Locking a row needs the right to update a column of it; this one is generated, and the trigger refuses every update anyway.
GRANT UPDATE (number) ON delivery_attempts TO tollkeeper_app;
`,
};
