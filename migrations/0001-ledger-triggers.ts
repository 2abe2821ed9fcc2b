import type { Migration } from "./migration.ts";

/**
 * The rules nobody can write around: the journal is append-only, only the journal moves a balance, a threshold is crossed under the
 * same row lock that moved the balance, and a wake is raised in the same transaction.
 */
export const ledgerTriggers: Migration = {
  name: "0001-ledger-triggers",
  sql: `
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $function$
BEGIN
  RAISE EXCEPTION '% on % is refused: the books are only ever added to', TG_OP, TG_TABLE_NAME USING ERRCODE = '42501';
END $function$;
CREATE TRIGGER journal_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON journal
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER details_are_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON entry_details
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER crossings_are_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON threshold_crossings
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER balances_stay BEFORE DELETE OR TRUNCATE ON balances
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Depth 1 is this trigger itself, so an update that the journal's trigger made has depth 2.
CREATE FUNCTION refuse_direct_balance() RETURNS trigger LANGUAGE plpgsql AS $function$
BEGIN
  IF pg_trigger_depth() < 2 THEN
    RAISE EXCEPTION 'a balance moves only by a journal entry' USING ERRCODE = '42501';
  END IF;
  RETURN NULL;
END $function$;
CREATE TRIGGER only_the_journal_moves_balances BEFORE UPDATE OF account_id, balance, held, version ON balances
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_direct_balance();

CREATE FUNCTION raise_wake(p_subject text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $function$
BEGIN
  INSERT INTO wakes AS w (subject) VALUES (p_subject)
  ON CONFLICT (subject) DO UPDATE SET seq = w.seq + 1, next_at = CASE WHEN w.seq = w.sent_seq THEN now() ELSE w.next_at END, updated_at = now();
  PERFORM pg_notify('wakes', p_subject);
END $function$;

CREATE FUNCTION refresh_threshold_cache(p_account bigint) RETURNS void
LANGUAGE sql SET search_path = public, pg_temp AS $function$
  UPDATE balances SET
    highest_armed = coalesce((SELECT max(level) FROM balance_thresholds WHERE account_id = p_account AND armed), -9223372036854775808),
    lowest_rearm = coalesce((SELECT min(rearm_above) FROM balance_thresholds WHERE account_id = p_account AND NOT armed), 9223372036854775807)
  WHERE account_id = p_account;
$function$;

-- Crosses every armed threshold at or above p_posted. Answers their names, highest level first. The caller holds the balance row's lock.
CREATE FUNCTION cross_thresholds(p_account bigint, p_posted bigint, p_entry bigint) RETURNS text[]
LANGUAGE plpgsql SET search_path = public, pg_temp AS $function$
DECLARE
  v_names text[];
BEGIN
  WITH crossed AS (
    UPDATE balance_thresholds SET armed = false WHERE account_id = p_account AND armed AND level >= p_posted
    RETURNING name, epoch, level
  ), written AS (
    INSERT INTO threshold_crossings (account_id, name, epoch, entry_id, level, balance)
    SELECT p_account, name, epoch, p_entry, level, p_posted FROM crossed
  )
  SELECT coalesce(array_agg(name ORDER BY level DESC, name), '{}') INTO v_names FROM crossed;
  PERFORM refresh_threshold_cache(p_account);
  -- Tells the posting function, which otherwise saves itself the look, that there is something to report.
  PERFORM set_config('ledger.crossed', 'yes', true);
  RETURN v_names;
END $function$;

-- Walks one account's new transfers in entry order: crosses on the way down, re-arms on the way up. p_posted is the balance before them.
-- Money moving between an account and its own holds is not a movement here: thresholds watch what is owned, not what is free.
CREATE FUNCTION walk_thresholds(p_account bigint, p_posted bigint, p_entries bigint[], p_deltas bigint[]) RETURNS boolean
LANGUAGE plpgsql SET search_path = public, pg_temp AS $function$
DECLARE
  v_changed boolean := false;
  v_armed bigint;
  v_rearm bigint;
BEGIN
  SELECT highest_armed, lowest_rearm INTO v_armed, v_rearm FROM balances WHERE account_id = p_account;
  FOR i IN 1..cardinality(p_entries) LOOP
    p_posted := p_posted + p_deltas[i];
    IF p_deltas[i] < 0 AND p_posted <= v_armed THEN
      PERFORM cross_thresholds(p_account, p_posted, p_entries[i]);
    ELSIF p_deltas[i] > 0 AND p_posted > v_rearm THEN
      UPDATE balance_thresholds SET armed = true, epoch = epoch + 1
      WHERE account_id = p_account AND NOT armed AND rearm_above < p_posted;
      PERFORM refresh_threshold_cache(p_account);
    ELSE
      CONTINUE;
    END IF;
    v_changed := true;
    SELECT highest_armed, lowest_rearm INTO v_armed, v_rearm FROM balances WHERE account_id = p_account;
  END LOOP;
  RETURN v_changed;
END $function$;

-- Folds new transfers into the balances they touch, in account order, and looks closer only where a cached level could be reached.
-- It plans as its caller does: the posting functions force one generic plan over indexes, since planning anew cost 170 us a batch.
CREATE FUNCTION fold_journal() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $function$
DECLARE
  v_touched bigint;
  v_found bigint;
  v_close bigint[];
  v_account record;
BEGIN
  WITH side AS (
    SELECT debit_account & -2 AS owner, CASE WHEN debit_account & 1 = 0 THEN -amount ELSE 0 END AS free,
      CASE WHEN debit_account & 1 = 0 THEN 0 ELSE -amount END AS held,
      CASE WHEN debit_account & -2 = credit_account & -2 THEN 0 ELSE amount END AS down, 0::bigint AS up
    FROM inserted WHERE debit_account > 0
    UNION ALL
    SELECT credit_account & -2, CASE WHEN credit_account & 1 = 0 THEN amount ELSE 0 END,
      CASE WHEN credit_account & 1 = 0 THEN 0 ELSE amount END,
      0, CASE WHEN debit_account & -2 = credit_account & -2 THEN 0 ELSE amount END
    FROM inserted WHERE credit_account > 0
  ), moved AS (
    SELECT owner, sum(free)::bigint AS free, sum(held)::bigint AS held, sum(down)::bigint AS down, sum(up)::bigint AS up, count(*) AS n
    FROM side GROUP BY owner ORDER BY owner OFFSET 0
  ), folded AS (
    UPDATE balances b SET balance = b.balance + m.free, held = b.held + m.held, version = b.version + m.n
    FROM moved m WHERE b.account_id = m.owner
    RETURNING b.account_id, (m.down > 0 AND b.balance + b.held - m.up <= b.highest_armed)
      OR (m.up > 0 AND (b.wake_subject IS NOT NULL OR b.balance + b.held + m.down > b.lowest_rearm)) AS close
  )
  SELECT (SELECT count(*) FROM moved), count(*), array_agg(account_id) FILTER (WHERE close) INTO v_touched, v_found, v_close FROM folded;
  IF v_touched <> v_found THEN
    RAISE EXCEPTION 'a transfer names a customer account that has no balance' USING ERRCODE = '23503';
  END IF;
  IF v_close IS NULL THEN RETURN NULL; END IF;
  FOR v_account IN
    SELECT b.account_id, b.wake_subject, b.balance + b.held - sum(t.delta)::bigint AS posted_before, sum(t.delta) AS net,
      array_agg(t.entry_id ORDER BY t.entry_id) AS entries, array_agg(t.delta ORDER BY t.entry_id) AS deltas
    FROM (
      SELECT owner, entry_id, sum(delta)::bigint AS delta FROM (
        SELECT debit_account & -2 AS owner, entry_id, -amount AS delta FROM inserted WHERE debit_account > 0
        UNION ALL SELECT credit_account & -2, entry_id, amount FROM inserted WHERE credit_account > 0
      ) s WHERE owner = ANY (v_close) GROUP BY owner, entry_id
    ) t JOIN balances b ON b.account_id = t.owner
    GROUP BY b.account_id ORDER BY b.account_id
  LOOP
    IF (walk_thresholds(v_account.account_id, v_account.posted_before, v_account.entries, v_account.deltas) OR v_account.net > 0)
      AND v_account.wake_subject IS NOT NULL THEN
      PERFORM raise_wake(v_account.wake_subject);
    END IF;
  END LOOP;
  RETURN NULL;
END $function$;
CREATE TRIGGER fold AFTER INSERT ON journal REFERENCING NEW TABLE AS inserted
  FOR EACH STATEMENT EXECUTE FUNCTION fold_journal();

REVOKE ALL ON FUNCTION refuse_change(), refuse_direct_balance(), raise_wake(text), refresh_threshold_cache(bigint),
  cross_thresholds(bigint, bigint, bigint), walk_thresholds(bigint, bigint, bigint[], bigint[]), fold_journal() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION raise_wake(text) TO tollkeeper_app;
`,
};
