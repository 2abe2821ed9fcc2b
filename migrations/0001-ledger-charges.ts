import type { Migration } from "./migration.ts";

/**
 * The hot path: many charges, each one transfer from a customer account to a system account, all with usage or all without. One lock
 * statement, one insert, one fold. Where any account is short or closes one day it writes nothing and answers a null base, and a replay
 * fails on the unique ref; the caller then sends the same batch to post_batch, which decides event by event.
 */
export const ledgerCharges: Migration = {
  name: "0001-ledger-charges",
  sql: `
-- Per charge: ref, hash, position of its account in p_owners, route, amount; with usage also quantity, time, description and metadata,
-- arrays that end early standing for nulls. A route is what many charges share: system account, entry kind, unit.
-- Only lanes call it, and their sessions carry the planner settings that post_batch brings along itself.
CREATE FUNCTION post_charges(
  p_refs uuid[], p_hashes uuid[], p_from int[], p_routes int[], p_amounts bigint[], p_owners bigint[], p_totals bigint[],
  p_systems bigint[], p_kinds smallint[], p_units text[],
  p_quantities numeric[], p_times timestamptz[], p_descriptions text[], p_metadata jsonb[],
  OUT base bigint, OUT posted_at timestamptz, OUT befores bigint[], OUT crossed_events bigint[], OUT crossed_names text[])
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $function$
DECLARE
  v_special boolean;
BEGIN
  SELECT array_agg(l.balance ORDER BY l.at), bool_or(l.balance - l.total < l.floor OR l.closes_at IS NOT NULL)
  INTO befores, v_special
  FROM (
    SELECT o.at, o.total, b.balance, b.floor, b.closes_at FROM unnest(p_owners, p_totals) WITH ORDINALITY o(id, total, at)
    JOIN balances b ON b.account_id = o.id ORDER BY o.id FOR NO KEY UPDATE OF b
  ) l;
  IF cardinality(befores) IS DISTINCT FROM cardinality(p_owners) THEN
    RAISE EXCEPTION 'a charge names a customer account that has no balance' USING ERRCODE = '23503';
  END IF;
  IF v_special THEN RETURN; END IF;
  IF EXISTS (SELECT FROM unnest(p_systems) s(id) WHERE NOT EXISTS (SELECT FROM ledger_accounts a WHERE a.id = s.id AND s.id < 0)) THEN
    RAISE EXCEPTION 'a charge names a system account that does not exist' USING ERRCODE = '23503';
  END IF;
  IF EXISTS (SELECT FROM unnest(p_kinds) k(id) WHERE NOT EXISTS (SELECT FROM entry_kinds e WHERE e.id = k.id)) THEN
    RAISE EXCEPTION 'a charge names a kind that does not exist' USING ERRCODE = '23503';
  END IF;
  posted_at := now();
  base := nextval('journal_batches');
  INSERT INTO journal (entry_id, leg, debit_account, credit_account, amount, created_at, ref, payload_hash, kind)
  SELECT base + e.at, 0, p_owners[e.owner], p_systems[e.route], e.amount, posted_at, e.ref, e.hash, p_kinds[e.route]
  FROM unnest(p_refs, p_hashes, p_from, p_routes, p_amounts) WITH ORDINALITY e(ref, hash, owner, route, amount, at);
  IF cardinality(p_quantities) > 0 THEN
    INSERT INTO usage_records (account_id, entry_id, occurred_at, amount, quantity, unit, description, metadata)
    SELECT p_owners[u.owner], base + u.event, coalesce(u.at, posted_at), u.amount, u.quantity, p_units[u.route], u.description, u.metadata
    FROM unnest(p_from, p_routes, p_amounts, p_quantities, p_times, p_descriptions, p_metadata) WITH ORDINALITY
      u(owner, route, amount, quantity, at, description, metadata, event);
  END IF;
  IF current_setting('ledger.crossed', true) = 'yes' THEN
    SELECT array_agg(c.entry_id ORDER BY c.entry_id, c.level DESC), array_agg(c.name ORDER BY c.entry_id, c.level DESC)
    INTO crossed_events, crossed_names FROM threshold_crossings c WHERE c.entry_id BETWEEN base AND base + cardinality(p_refs);
  END IF;
END $function$;

REVOKE ALL ON FUNCTION post_charges FROM PUBLIC;
GRANT EXECUTE ON FUNCTION post_charges TO tollkeeper_app;
`,
};
