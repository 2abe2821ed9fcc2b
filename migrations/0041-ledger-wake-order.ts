import type { Migration } from "./migration.ts";

/**
 * Whoever raises several wakes in one transaction raises them in the order of their subjects, as those who store deposits do. A batch of
 * postings raised them in the order of accounts, and those of refused usage after all others, so that the two could wait for each other.
 * Both functions gather now and raise at the end; a batch without wakes does nothing more than before. The functions are amended where
 * they stand, and each place must be found exactly once.
 */
export const ledgerWakeOrder: Migration = {
  name: "0041-ledger-wake-order",
  sql: `
CREATE FUNCTION raise_wakes(p_subjects text[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $function$
DECLARE
  v_subject text;
BEGIN
  FOR v_subject IN SELECT DISTINCT s FROM unnest(p_subjects) s ORDER BY s LOOP
    PERFORM raise_wake(v_subject);
  END LOOP;
END $function$;

-- A batch in which usage was refused has more wakes to come: it has set ledger.wakes, and raises what is added there with its own.
CREATE FUNCTION raise_or_gather_wakes(p_subjects text[]) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp AS $function$
DECLARE
  v_gathered constant text := coalesce(current_setting('ledger.wakes', true), '');
BEGIN
  IF v_gathered = '' THEN
    PERFORM raise_wakes(p_subjects);
  ELSE
    PERFORM set_config('ledger.wakes', (v_gathered::text[] || p_subjects)::text, true);
  END IF;
END $function$;

CREATE FUNCTION pg_temp.amend(p_function text, p_from text[], p_to text[]) RETURNS void LANGUAGE plpgsql AS $amend$
DECLARE
  v_text text := pg_get_functiondef(p_function::regproc);
BEGIN
  FOR i IN 1..cardinality(p_from) LOOP
    IF array_length(string_to_array(v_text, p_from[i]), 1) <> 2 THEN
      RAISE EXCEPTION '% does not have exactly once: %', p_function, p_from[i];
    END IF;
    v_text := replace(v_text, p_from[i], p_to[i]);
  END LOOP;
  EXECUTE v_text;
END $amend$;

SELECT pg_temp.amend('public.fold_journal', ARRAY[
  '  v_account record;',
  'PERFORM raise_wake(v_account.wake_subject);',
  $$  END LOOP;
  RETURN NULL;$$
], ARRAY[
  $$  v_account record;
  v_wakes text[];$$,
  'v_wakes := array_append(v_wakes, v_account.wake_subject);',
  $$  END LOOP;
  IF v_wakes IS NOT NULL THEN PERFORM raise_or_gather_wakes(v_wakes); END IF;
  RETURN NULL;$$
]);

SELECT pg_temp.amend('public.post_batch', ARRAY[
  '  v_names text[];',
  'o_refused[i] := p_owners[v_at];',
  '  INSERT INTO journal (',
  'PERFORM raise_wake(wake_subject) FROM balances WHERE account_id = o_refused[i] AND wake_subject IS NOT NULL;',
  $$  IF cardinality(p_detail_events) > 0 THEN$$
], ARRAY[
  $$  v_names text[];
  v_wakes text[] := '{}';
  v_refuses boolean := false;$$,
  'o_refused[i] := p_owners[v_at]; v_refuses := true;',
  $$  IF v_refuses THEN PERFORM set_config('ledger.wakes', '{}', true); END IF;
  INSERT INTO journal ($$,
  'v_wakes := v_wakes || ARRAY(SELECT wake_subject FROM balances WHERE account_id = o_refused[i] AND wake_subject IS NOT NULL);',
  $$  IF v_refuses THEN
    PERFORM raise_wakes(v_wakes || current_setting('ledger.wakes')::text[]);
    PERFORM set_config('ledger.wakes', '', true);
  END IF;
  IF cardinality(p_detail_events) > 0 THEN$$
]);
DROP FUNCTION pg_temp.amend(text, text[], text[]);

REVOKE ALL ON FUNCTION raise_wakes(text[]), raise_or_gather_wakes(text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION raise_wakes(text[]) TO tollkeeper_app;
`,
};
