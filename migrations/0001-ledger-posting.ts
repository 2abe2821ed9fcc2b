import type { Migration } from "./migration.ts";

/**
 * The one general way to write the journal: a batch of events in, one outcome per event out, one round trip, one commit. Balance rows
 * are locked first, in account order, so every decision is made on a locked row; then the events are decided one after another, in the
 * order given, and written as one set. post_charges beside it is the quick way for what meters mostly send.
 */
export const ledgerPosting: Migration = {
  name: "0001-ledger-posting",
  sql: `
-- Per event: refs, hashes, kinds, ops (0 post, 1 authorise, 2 settle, 3 release, 4 expire, 5 drain; +16: a refusal crosses
-- thresholds), and for holds their id, expiry and purpose. Per transfer, in event order: the event (1-based), where it comes from and
-- goes to, the amount. A place is a 1-based position in p_owners, a negated one in p_systems, or 0: the account's own held funds.
-- Statuses: 0 posted, 1 replayed, 2 key used for another input, 3 insufficient, 5 no such hold, 6 hold already closed, 7 above the
-- hold, 8 hold expired, 9 not yet expired, 10 account closed to spending, 11 nothing to drain.
CREATE FUNCTION post_batch(
  p_refs uuid[], p_hashes uuid[], p_kinds smallint[], p_ops smallint[],
  p_holds uuid[], p_expiries timestamptz[], p_purposes text[], p_owners bigint[], p_systems bigint[],
  p_events int[], p_from int[], p_to int[], p_amounts bigint[],
  p_detail_events int[], p_keys text[], p_descriptions text[], p_metadata jsonb[],
  p_usage_events int[], p_usage_owners int[], p_usage_times timestamptz[], p_usage_amounts bigint[],
  p_quantities numeric[], p_units text[], p_usage_descriptions text[], p_usage_metadata jsonb[],
  OUT base bigint, OUT posted_at timestamptz, OUT statuses smallint[], OUT entries bigint[],
  OUT afters bigint[], OUT requireds bigint[], OUT times timestamptz[], OUT crossed_events bigint[], OUT crossed_names text[])
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $function$
DECLARE
  n constant int := cardinality(p_refs);
  v_floors bigint[];
  v_closes timestamptz[];
  v_hash uuid[];
  v_hold_account bigint[];
  v_hold_at int[];
  v_hold_amount bigint[];
  v_hold_status text[];
  v_hold_expiry timestamptz[];
  v_closed uuid[] := '{}';
  v_bal bigint[];
  v_leg int := 1;
  v_first int;
  v_out int := 0;
  v_start int;
  v_op int;
  v_status int;
  v_at int;
  v_sum bigint;
  v_names text[];
  o_event int[] := '{}';
  o_leg smallint[] := '{}';
  o_debit bigint[] := '{}';
  o_credit bigint[] := '{}';
  o_amount bigint[] := '{}';
  o_settled bigint[];
  o_refused bigint[];
BEGIN
  posted_at := now();
  IF EXISTS (SELECT FROM unnest(p_systems) s(id) WHERE NOT EXISTS (SELECT FROM ledger_accounts a WHERE a.id = s.id AND s.id < 0)) THEN
    RAISE EXCEPTION 'a transfer names a system account that does not exist' USING ERRCODE = '23503';
  END IF;
  IF EXISTS (SELECT FROM (SELECT DISTINCT unnest(p_kinds) AS id) k WHERE NOT EXISTS (SELECT FROM entry_kinds e WHERE e.id = k.id)) THEN
    RAISE EXCEPTION 'an entry names a kind that does not exist' USING ERRCODE = '23503';
  END IF;
  IF EXISTS (SELECT FROM unnest(p_ops) o(op) WHERE (o.op & 15 BETWEEN 0 AND 5 AND o.op BETWEEN 0 AND 31) IS NOT TRUE) THEN
    RAISE EXCEPTION 'a command names an operation that does not exist' USING ERRCODE = '22023';
  END IF;
  -- A hold's account never changes, so this read needs no lock; its status is read again below, under the balance row's lock.
  SELECT array_agg(h.account_id ORDER BY e.at) INTO v_hold_account
  FROM unnest(p_holds) WITH ORDINALITY e(id, at) LEFT JOIN LATERAL (SELECT account_id FROM holds WHERE hold_id = e.id OFFSET 0) h ON true;
  SELECT p_owners || coalesce(array_agg(DISTINCT h), '{}') INTO p_owners
  FROM unnest(v_hold_account) h WHERE h IS NOT NULL AND h <> ALL (p_owners);
  SELECT array_agg(l.balance ORDER BY l.at), array_agg(l.floor ORDER BY l.at), array_agg(l.closes_at ORDER BY l.at)
  INTO v_bal, v_floors, v_closes
  FROM (
    SELECT o.at, b.balance, b.floor, b.closes_at FROM unnest(p_owners) WITH ORDINALITY o(id, at)
    JOIN balances b ON b.account_id = o.id ORDER BY o.id FOR NO KEY UPDATE OF b
  ) l;
  IF coalesce(cardinality(v_bal), 0) <> cardinality(p_owners) THEN
    RAISE EXCEPTION 'a transfer names a customer account that has no balance' USING ERRCODE = '23503';
  END IF;
  -- A statement of its own, after the locks: a replay that committed while we waited is visible to it.
  base := nextval('journal_batches');
  SELECT array_agg(j.entry_id ORDER BY e.at), array_agg(j.payload_hash ORDER BY e.at), array_agg(j.created_at ORDER BY e.at)
  INTO entries, v_hash, times
  FROM unnest(p_refs) WITH ORDINALITY e(ref, at)
  LEFT JOIN LATERAL (SELECT entry_id, payload_hash, created_at FROM journal WHERE ref = e.ref OFFSET 0) j ON true;
  SELECT array_agg(array_position(p_owners, h.account_id) ORDER BY e.at), array_agg(h.amount ORDER BY e.at),
      array_agg(h.status ORDER BY e.at), array_agg(h.expires_at ORDER BY e.at)
    INTO v_hold_at, v_hold_amount, v_hold_status, v_hold_expiry
    FROM unnest(p_holds) WITH ORDINALITY e(id, at)
    LEFT JOIN LATERAL (SELECT account_id, amount, status, expires_at FROM holds WHERE hold_id = e.id OFFSET 0) h ON true;
  statuses := array_fill(0::smallint, ARRAY[n]);
  afters := array_fill(NULL::bigint, ARRAY[n]);
  requireds := afters;
  o_settled := afters;
  o_refused := afters;
  FOR i IN 1..n LOOP
    v_first := v_leg;
    v_at := NULL;
    WHILE p_events[v_leg] = i LOOP
      v_at := coalesce(v_at, CASE WHEN p_from[v_leg] > 0 THEN p_from[v_leg] WHEN p_to[v_leg] > 0 THEN p_to[v_leg] END);
      v_leg := v_leg + 1;
    END LOOP;
    IF v_hold_at[i] IS NOT NULL THEN v_at := v_hold_at[i]; END IF;
    IF entries[i] IS NOT NULL THEN
      statuses[i] := CASE WHEN v_hash[i] = p_hashes[i] THEN 1 ELSE 2 END;
      afters[i] := v_bal[v_at];
      CONTINUE;
    END IF;
    v_start := v_out;
    v_status := 0;
    v_op := p_ops[i] & 15;
    v_sum := 0;
    IF v_op IN (2, 3, 4) THEN
      FOR k IN v_first..v_leg - 1 LOOP v_sum := v_sum + p_amounts[k]; END LOOP;
      v_status := CASE
        WHEN v_hold_at[i] IS NULL THEN 5
        WHEN v_hold_status[i] <> 'open' OR p_holds[i] = ANY (v_closed) THEN 6
        WHEN v_op = 2 AND v_hold_expiry[i] <= posted_at THEN 8
        WHEN v_op = 4 AND v_hold_expiry[i] > posted_at THEN 9
        WHEN v_sum > v_hold_amount[i] THEN 7
        ELSE 0 END;
      requireds[i] := v_hold_amount[i];
      IF v_status = 0 THEN
        v_closed := v_closed || p_holds[i];
        IF v_op = 2 THEN o_settled[i] := v_sum; END IF;
        FOR k IN v_first..v_leg - 1 LOOP
          v_out := v_out + 1;
          o_event[v_out] := i;
          o_debit[v_out] := p_owners[v_at] + 1;
          o_credit[v_out] := CASE WHEN p_to[k] > 0 THEN p_owners[p_to[k]] ELSE p_systems[-p_to[k]] END;
          o_amount[v_out] := p_amounts[k];
          IF p_to[k] > 0 THEN v_bal[p_to[k]] := v_bal[p_to[k]] + p_amounts[k]; END IF;
        END LOOP;
        IF v_sum < v_hold_amount[i] THEN
          v_out := v_out + 1;
          o_event[v_out] := i;
          o_debit[v_out] := p_owners[v_at] + 1;
          o_credit[v_out] := p_owners[v_at];
          o_amount[v_out] := v_hold_amount[i] - v_sum;
          v_bal[v_at] := v_bal[v_at] + v_hold_amount[i] - v_sum;
        END IF;
      END IF;
    ELSE
      IF v_op = 5 THEN p_amounts[v_first] := greatest(v_bal[v_at], 0); END IF;
      FOR k IN v_first..v_leg - 1 LOOP
        IF p_from[k] > 0 THEN v_bal[p_from[k]] := v_bal[p_from[k]] - p_amounts[k]; END IF;
        IF p_to[k] > 0 THEN v_bal[p_to[k]] := v_bal[p_to[k]] + p_amounts[k]; END IF;
      END LOOP;
      IF v_op = 5 THEN
        v_status := CASE WHEN v_closes[p_from[v_first]] IS NULL OR v_closes[p_from[v_first]] > posted_at THEN 9 WHEN p_amounts[v_first] = 0 THEN 11 ELSE 0 END;
      ELSE
        FOR k IN v_first..v_leg - 1 LOOP
          CONTINUE WHEN p_from[k] <= 0 OR v_status <> 0;
          IF v_closes[p_from[k]] <= posted_at THEN
            v_status := 10;
          ELSIF v_bal[p_from[k]] < v_floors[p_from[k]] THEN
            v_status := 3;
            v_at := p_from[k];
            IF p_ops[i] & 16 = 16 THEN o_refused[i] := p_owners[v_at]; END IF;
          END IF;
        END LOOP;
      END IF;
      IF v_status = 0 THEN
        FOR k IN v_first..v_leg - 1 LOOP
          v_out := v_out + 1;
          o_event[v_out] := i;
          o_debit[v_out] := CASE WHEN p_from[k] > 0 THEN p_owners[p_from[k]] ELSE p_systems[-p_from[k]] END;
          o_credit[v_out] := CASE WHEN v_op = 1 THEN p_owners[p_from[k]] + 1 WHEN p_to[k] > 0 THEN p_owners[p_to[k]] ELSE p_systems[-p_to[k]] END;
          o_amount[v_out] := p_amounts[k];
        END LOOP;
      ELSE
        v_sum := v_bal[v_at];
        FOR k IN v_first..v_leg - 1 LOOP
          IF p_from[k] > 0 THEN v_bal[p_from[k]] := v_bal[p_from[k]] + p_amounts[k]; END IF;
          IF p_to[k] > 0 THEN v_bal[p_to[k]] := v_bal[p_to[k]] - p_amounts[k]; END IF;
        END LOOP;
        requireds[i] := v_bal[v_at] - v_sum;
      END IF;
    END IF;
    FOR k IN v_start + 1..v_out LOOP o_leg[k] := k - v_start - 1; END LOOP;
    afters[i] := v_bal[v_at];
    statuses[i] := v_status;
    IF v_status = 0 THEN entries[i] := base + i; END IF;
  END LOOP;
  INSERT INTO journal (entry_id, leg, debit_account, credit_account, amount, created_at, ref, payload_hash, kind)
  SELECT base + e.event, e.leg, e.debit, e.credit, e.amount, posted_at, CASE WHEN e.leg = 0 THEN p_refs[e.event] END,
    CASE WHEN e.leg = 0 THEN p_hashes[e.event] END, p_kinds[e.event]
  FROM unnest(o_event, o_leg, o_debit, o_credit, o_amount) e(event, leg, debit, credit, amount);
    INSERT INTO holds (hold_id, account_id, amount, purpose, expires_at, authorised_entry, created_at)
    SELECT p_refs[e.event], e.debit, e.amount, p_purposes[e.event], p_expiries[e.event], base + e.event, posted_at
    FROM unnest(o_event, o_debit, o_amount) e(event, debit, amount) WHERE p_ops[e.event] & 15 = 1;
    UPDATE holds h SET status = (ARRAY['settled', 'released', 'expired'])[(p_ops[e.at] & 15) - 1], settled_amount = o_settled[e.at],
      closed_entry = base + e.at, closed_at = posted_at
    FROM (SELECT u.id, u.at FROM unnest(p_holds) WITH ORDINALITY u(id, at) WHERE p_ops[u.at] & 15 IN (2, 3, 4) AND statuses[u.at] = 0) e
    WHERE h.hold_id = e.id;
  -- What was consumed and cannot be paid: the event posts nothing, but everything it would have fallen through is crossed, once.
  FOR i IN 1..n LOOP
    CONTINUE WHEN o_refused[i] IS NULL;
    SELECT cross_thresholds(b.account_id, b.balance + b.held - requireds[i], NULL) INTO v_names
    FROM balances b WHERE b.account_id = o_refused[i] AND b.highest_armed >= b.balance + b.held - requireds[i];
    CONTINUE WHEN coalesce(cardinality(v_names), 0) = 0;
    crossed_events := crossed_events || array_fill(-i::bigint, ARRAY[cardinality(v_names)]);
    crossed_names := crossed_names || v_names;
    PERFORM raise_wake(wake_subject) FROM balances WHERE account_id = o_refused[i] AND wake_subject IS NOT NULL;
  END LOOP;

  IF cardinality(p_detail_events) > 0 THEN
    INSERT INTO entry_details (entry_id, idempotency_key, description, metadata)
    SELECT base + d.event, d.key, d.description, d.metadata
    FROM unnest(p_detail_events, p_keys, p_descriptions, p_metadata) d(event, key, description, metadata)
    WHERE statuses[d.event] = 0;
  END IF;
  IF cardinality(p_usage_events) > 0 THEN
    INSERT INTO usage_records (account_id, entry_id, occurred_at, amount, quantity, unit, description, metadata)
    SELECT coalesce(p_owners[u.owner], v_hold_account[u.event]), base + u.event, coalesce(u.at, posted_at), u.amount, u.quantity, u.unit,
      u.description, u.metadata
    FROM unnest(p_usage_events, p_usage_owners, p_usage_times, p_usage_amounts, p_quantities, p_units, p_usage_descriptions, p_usage_metadata)
      u(event, owner, at, amount, quantity, unit, description, metadata)
    WHERE statuses[u.event] = 0;
  END IF;
  SELECT crossed_events || array_agg(c.entry_id ORDER BY c.entry_id, c.level DESC), crossed_names || array_agg(c.name ORDER BY c.entry_id, c.level DESC)
  INTO crossed_events, crossed_names FROM threshold_crossings c WHERE c.entry_id = ANY (entries);
END $function$;

REVOKE ALL ON FUNCTION post_batch FROM PUBLIC;
GRANT EXECUTE ON FUNCTION post_batch TO tollkeeper_app;
`,
};
