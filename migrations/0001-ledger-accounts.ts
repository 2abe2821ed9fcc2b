import type { Migration } from "./migration.ts";

/** How accounts, thresholds, credit lines and grants come to be: functions of the owner's, since the application may write no table. */
export const ledgerAccounts: Migration = {
  name: "0001-ledger-accounts",
  sql: `
-- Answers the id of each name, in order. A system account or an entry kind is made on first use; an unopened customer account is null.
CREATE FUNCTION resolve_names(p_accounts text[], p_kinds text[], OUT account_ids bigint[], OUT kind_ids smallint[])
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $function$
BEGIN
  INSERT INTO ledger_accounts (id, name, class)
  SELECT nextval('system_account_ids'), n.name, c.class FROM (SELECT DISTINCT unnest(p_accounts) AS name) n
  JOIN account_classes c ON c.class = split_part(n.name, '/', 1) AND NOT c.materialised
  WHERE NOT EXISTS (SELECT FROM ledger_accounts a WHERE a.name = n.name)
  ON CONFLICT (name) DO NOTHING;
  INSERT INTO entry_kinds (name) SELECT DISTINCT k FROM unnest(p_kinds) k
  WHERE NOT EXISTS (SELECT FROM entry_kinds e WHERE e.name = k) ON CONFLICT (name) DO NOTHING;
  SELECT array_agg(a.id ORDER BY n.at) INTO account_ids
  FROM unnest(p_accounts) WITH ORDINALITY n(name, at) LEFT JOIN ledger_accounts a ON a.name = n.name;
  SELECT array_agg(e.id ORDER BY n.at) INTO kind_ids
  FROM unnest(p_kinds) WITH ORDINALITY n(name, at) LEFT JOIN entry_kinds e ON e.name = n.name;
END $function$;

-- Opens a customer account with its floor, wake subject and thresholds; where it is open already, answers its id and changes nothing.
CREATE FUNCTION open_account(p_name text, p_floor bigint, p_wake_subject text, p_closes_at timestamptz,
  p_names text[], p_levels bigint[], p_rearms bigint[]) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $function$
DECLARE
  v_id bigint := (SELECT id FROM ledger_accounts WHERE name = p_name);
  v_class text := split_part(p_name, '/', 1);
BEGIN
  IF v_id IS NOT NULL THEN RETURN v_id; END IF;
  IF v_class = 'held' OR NOT EXISTS (SELECT FROM account_classes WHERE class = v_class AND materialised) THEN
    RAISE EXCEPTION 'only a customer account can be opened' USING ERRCODE = '22023';
  END IF;
  v_id := nextval('customer_account_ids');
  INSERT INTO ledger_accounts (id, name, class) VALUES (v_id, p_name, v_class) ON CONFLICT (name) DO NOTHING;
  IF NOT FOUND THEN RETURN (SELECT id FROM ledger_accounts WHERE name = p_name); END IF;
  INSERT INTO ledger_accounts (id, name, class) VALUES (v_id + 1, 'held/' || p_name, 'held');
  INSERT INTO balances (account_id, floor, wake_subject, closes_at) VALUES (v_id, p_floor, p_wake_subject, p_closes_at);
  INSERT INTO balance_thresholds (account_id, name, level, rearm_above)
  SELECT v_id, t.name, t.level, t.rearm FROM unnest(p_names, p_levels, p_rearms) t(name, level, rearm);
  PERFORM refresh_threshold_cache(v_id);
  RETURN v_id;
END $function$;

-- Replaces an account's thresholds. One whose levels did not change keeps its state; a new or changed one starts a new epoch armed and,
-- where the account has moved before and is already at or below the level, is crossed at once.
CREATE FUNCTION set_thresholds(p_account bigint, p_names text[], p_levels bigint[], p_rearms bigint[]) RETURNS text[]
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $function$
DECLARE
  v_account balances;
  v_names text[] := '{}';
BEGIN
  SELECT * INTO v_account FROM balances WHERE account_id = p_account FOR NO KEY UPDATE;
  IF NOT FOUND THEN RAISE EXCEPTION 'no such account' USING ERRCODE = '23503'; END IF;
  DELETE FROM balance_thresholds WHERE account_id = p_account AND name <> ALL (p_names);
  INSERT INTO balance_thresholds AS t (account_id, name, level, rearm_above, epoch)
  SELECT p_account, n.name, n.level, n.rearm,
    1 + coalesce((SELECT max(c.epoch) FROM threshold_crossings c WHERE c.account_id = p_account AND c.name = n.name), 0)
  FROM unnest(p_names, p_levels, p_rearms) n(name, level, rearm)
  ON CONFLICT (account_id, name) DO UPDATE SET level = excluded.level, rearm_above = excluded.rearm_above, armed = true,
    epoch = t.epoch + CASE WHEN t.armed THEN 0 ELSE 1 END
  WHERE (t.level, t.rearm_above) <> (excluded.level, excluded.rearm_above);
  PERFORM refresh_threshold_cache(p_account);
  IF v_account.version > 0 THEN
    v_names := cross_thresholds(p_account, v_account.balance + v_account.held, NULL);
    IF cardinality(v_names) > 0 AND v_account.wake_subject IS NOT NULL THEN PERFORM raise_wake(v_account.wake_subject); END IF;
  END IF;
  RETURN v_names;
END $function$;

-- Changes how far below zero the available balance may go. Refused (23514) while more than the new line is in use.
CREATE FUNCTION set_credit_line(p_account bigint, p_credit_line bigint) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $function$
  UPDATE balances SET floor = -p_credit_line WHERE account_id = p_account;
$function$;

-- Says which workflow an account's crossings and credits wake from now on.
CREATE FUNCTION set_wake_subject(p_account bigint, p_subject text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $function$
  UPDATE balances SET wake_subject = p_subject WHERE account_id = p_account;
$function$;

-- Opens a grant: an account of its own that closes to spending at its expiry. Answers false where the grant exists already.
CREATE FUNCTION open_grant(p_grant_id text, p_account_name text, p_owner text, p_priority integer, p_expires_at timestamptz) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $function$
DECLARE
  v_owner bigint := (SELECT id FROM ledger_accounts WHERE name = p_owner AND id > 0 AND id % 2 = 0);
BEGIN
  IF v_owner IS NULL THEN RAISE EXCEPTION 'no such account' USING ERRCODE = '23503'; END IF;
  INSERT INTO grants (grant_id, account_id, owner_account_id, priority, expires_at)
  SELECT p_grant_id, open_account(p_account_name, 0, NULL, p_expires_at, '{}', '{}', '{}'), v_owner, p_priority, p_expires_at
  WHERE NOT EXISTS (SELECT FROM grants WHERE grant_id = p_grant_id)
  ON CONFLICT (grant_id) DO NOTHING;
  RETURN FOUND;
END $function$;

REVOKE ALL ON FUNCTION resolve_names, open_account, set_thresholds, set_credit_line, set_wake_subject, open_grant FROM PUBLIC;
GRANT EXECUTE ON FUNCTION resolve_names, open_account, set_thresholds, set_credit_line, set_wake_subject, open_grant TO tollkeeper_app;
`,
};
