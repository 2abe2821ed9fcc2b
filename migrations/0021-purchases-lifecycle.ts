import type { Migration } from "./migration.ts";

/**
 * The rest of a purchase's life: suspended at critical where the offer says so (`access` is what its resources allow, the status what
 * they should), the beginning of grace that reminders are counted from, why it ends, how far its crossings were told, and what was
 * left when it ended. A remainder is `open` while its refunds are under way, then `done`; `kept_nanodollars` is what stayed in the
 * balance because no refund could carry it.
 */
export const purchasesLifecycle: Migration = {
  name: "0021-purchases-lifecycle",
  sql: `
ALTER TABLE purchases DROP CONSTRAINT purchases_status_check;
ALTER TABLE purchases ADD CONSTRAINT purchases_status_check CHECK (status IN ('provisioning', 'active', 'low', 'critical', 'suspended',
  'grace', 'terminating', 'terminated', 'refunding', 'stuck'));
ALTER TABLE purchases
  ADD COLUMN access text NOT NULL DEFAULT 'full' CHECK (access IN ('full', 'read_only')),
  ADD COLUMN grace_started_at timestamptz,
  ADD COLUMN end_reason text CHECK (end_reason IN ('out_of_balance', 'customer_cancelled', 'operator')),
  ADD COLUMN told_epochs jsonb NOT NULL DEFAULT '{}';

CREATE TABLE purchase_remainders (
  purchase_id text NOT NULL REFERENCES purchases (id),
  round integer NOT NULL CHECK (round > 0),
  deposit_address_id text NOT NULL,
  amount_nanodollars bigint NOT NULL CHECK (amount_nanodollars > 0),
  refunded_nanodollars bigint NOT NULL CHECK (refunded_nanodollars >= 0),
  kept_nanodollars bigint NOT NULL CHECK (kept_nanodollars >= 0),
  status text NOT NULL CHECK (status IN ('open', 'done')),
  requested_at timestamptz NOT NULL DEFAULT now(),
  done_at timestamptz,
  PRIMARY KEY (purchase_id, round),
  CHECK (amount_nanodollars = refunded_nanodollars + kept_nanodollars),
  CHECK ((status = 'done') = (done_at IS NOT NULL))
);
CREATE UNIQUE INDEX purchase_remainders_open ON purchase_remainders (purchase_id) WHERE status = 'open';

-- Reads nothing and changes nothing: whoever holds the lock knows that no posting moves the balance until it commits.
CREATE FUNCTION lock_balance(p_account text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $function$
  SELECT FROM balances b JOIN ledger_accounts a ON a.id = b.account_id WHERE a.name = p_account FOR NO KEY UPDATE OF b;
$function$;
REVOKE ALL ON FUNCTION lock_balance FROM PUBLIC;
GRANT EXECUTE ON FUNCTION lock_balance TO tollkeeper_app;

GRANT SELECT, INSERT, UPDATE ON purchase_remainders TO tollkeeper_app;
`,
};
