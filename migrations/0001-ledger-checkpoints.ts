import type { Migration } from "./migration.ts";

/**
 * Tamper evidence that costs the hot path nothing: digests over what is settled, written and checked by `ledger verify`. A row that a
 * superuser edited behind the triggers' back no longer matches the digest of its chunk.
 */
export const ledgerCheckpoints: Migration = {
  name: "0001-ledger-checkpoints",
  sql: `
CREATE TRIGGER checkpoints_are_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_checkpoints
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE FUNCTION digest_journal(p_after bigint, p_up_to bigint, OUT transfers bigint, OUT digest bytea)
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $function$
  SELECT count(*), sha256(convert_to(coalesce(string_agg(concat_ws('|', entry_id, leg, debit_account, credit_account, amount, kind, ref,
    payload_hash, extract(epoch FROM created_at)), E'\\n' ORDER BY entry_id, leg), ''), 'UTF8'))
  FROM journal WHERE entry_id > p_after AND entry_id <= p_up_to;
$function$;

-- Adds checkpoints of about p_chunk transfers up to the first entry younger than p_settled: ids are taken before the commit, so among
-- younger entries a smaller id may still appear. Answers how many it added.
CREATE FUNCTION extend_checkpoints(p_settled interval, p_chunk integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $function$
DECLARE
  v_last ledger_checkpoints;
  v_after bigint := 0;
  v_chain bytea := '';
  v_up_to bigint;
  v_added integer := 0;
  v_chunk record;
BEGIN
  IF p_chunk NOT BETWEEN 1 AND 100000 THEN RAISE EXCEPTION 'a chunk is 1 to 100000 transfers' USING ERRCODE = '22023'; END IF;
  LOCK TABLE ledger_checkpoints IN SHARE ROW EXCLUSIVE MODE;
  SELECT * INTO v_last FROM ledger_checkpoints ORDER BY up_to_entry DESC LIMIT 1;
  IF FOUND THEN
    v_after := v_last.up_to_entry;
    v_chain := v_last.chain;
  END IF;
  LOOP
    SELECT max(s.entry_id) INTO v_up_to FROM (
      SELECT c.entry_id, bool_and(c.created_at <= now() - p_settled) OVER (ORDER BY c.entry_id, c.leg) AS settled
      FROM (SELECT entry_id, leg, created_at FROM journal WHERE entry_id > v_after ORDER BY entry_id, leg LIMIT p_chunk) c
    ) s WHERE s.settled;
    EXIT WHEN v_up_to IS NULL;
    SELECT * INTO v_chunk FROM digest_journal(v_after, v_up_to);
    v_chain := sha256(v_chain || v_chunk.digest);
    INSERT INTO ledger_checkpoints (up_to_entry, after_entry, transfers, digest, chain)
    VALUES (v_up_to, v_after, v_chunk.transfers, v_chunk.digest, v_chain);
    v_after := v_up_to;
    v_added := v_added + 1;
  END LOOP;
  RETURN v_added;
END $function$;

-- The checkpoints that no longer agree with the journal or with the one before them.
CREATE FUNCTION broken_checkpoints() RETURNS TABLE (after_entry bigint, up_to_entry bigint, reason text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $function$
  SELECT c.after_entry, c.up_to_entry, CASE
    WHEN c.after_entry <> c.expected_after OR c.chain <> sha256(c.previous || c.digest) THEN 'the checkpoint itself was changed'
    WHEN d.transfers <> c.transfers THEN 'transfers were added or removed'
    ELSE 'a transfer was changed' END
  FROM (SELECT *, lag(chain, 1, ''::bytea) OVER w AS previous, lag(up_to_entry, 1, 0::bigint) OVER w AS expected_after
    FROM ledger_checkpoints WINDOW w AS (ORDER BY up_to_entry)) c
  CROSS JOIN LATERAL digest_journal(c.after_entry, c.up_to_entry) d
  WHERE d.digest <> c.digest OR d.transfers <> c.transfers OR c.after_entry <> c.expected_after OR c.chain <> sha256(c.previous || c.digest)
  ORDER BY c.up_to_entry;
$function$;

REVOKE ALL ON FUNCTION digest_journal, extend_checkpoints, broken_checkpoints FROM PUBLIC;
GRANT EXECUTE ON FUNCTION extend_checkpoints, broken_checkpoints TO tollkeeper_app;
`,
};
