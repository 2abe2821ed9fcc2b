import type { Migration } from "./migration.ts";

/**
 * Custodial mode, seen from outside. A payout can be called off where nothing of it can land any more: `authorized_until` is until when an
 * authorization that was signed for it is good, written before it is signed; nothing is stored to be sent for a payout that is over,
 * which the database itself sees to. Payouts of before, whose authorizations never end, may land for ever.
 *
 * The settlement wallets are compared with the books. What reached one and is no payment of ours is a row here, told apart from the
 * books' own, for as long as no payment claims its transaction. `scanned_to` and `cursor` are how far a wallet was read, in final blocks.
 */
export const accessCustody: Migration = {
  name: "0040-access-custody",
  sql: `
ALTER TABLE access_payouts DROP CONSTRAINT access_payouts_status_check;
ALTER TABLE access_payouts ADD CONSTRAINT access_payouts_status_check CHECK (status IN ('open', 'paid', 'cancelled'));
ALTER TABLE access_payouts ADD COLUMN authorized_until timestamptz;
ALTER TABLE access_payouts ADD COLUMN cancelled_at timestamptz;
ALTER TABLE access_payouts ADD CONSTRAINT access_payouts_cancelled CHECK ((status = 'cancelled') = (cancelled_at IS NOT NULL));
UPDATE access_payouts SET authorized_until = now() + interval '1000 years'
  WHERE status = 'open' AND since_block IS NOT NULL AND network LIKE 'eip155:%';
GRANT UPDATE (authorized_until, cancelled_at) ON access_payouts TO tollkeeper_app;

CREATE FUNCTION refuse_closed_payout() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $function$
DECLARE state text;
BEGIN
  SELECT status INTO state FROM access_payouts WHERE id = split_part(NEW.key, ':', 2) FOR SHARE;
  IF state <> 'open' THEN
    RAISE EXCEPTION 'The payout of % is over: nothing is sent for it', NEW.key USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $function$;
REVOKE ALL ON FUNCTION refuse_closed_payout FROM PUBLIC;
CREATE TRIGGER outgoing_transactions_of_open_payouts BEFORE INSERT ON outgoing_transactions FOR EACH ROW
  WHEN (NEW.key LIKE 'payout:%') EXECUTE FUNCTION refuse_closed_payout();

CREATE TABLE settlement_watches (
  chain text NOT NULL,
  token text NOT NULL,
  wallet text NOT NULL,
  scanned_to bigint NOT NULL,
  cursor jsonb NOT NULL DEFAULT '{}',
  PRIMARY KEY (chain, token, wallet)
);
CREATE TABLE foreign_deposits (
  chain text NOT NULL,
  token text NOT NULL,
  wallet text NOT NULL,
  transaction text NOT NULL,
  units numeric(78,0) NOT NULL CHECK (units > 0),
  block_number bigint NOT NULL,
  seen_at timestamptz NOT NULL DEFAULT now(),
  told_at timestamptz,
  PRIMARY KEY (chain, token, wallet, transaction)
);
ALTER TABLE chain_reconciliations ADD COLUMN foreign_units numeric(78,0) NOT NULL DEFAULT 0 CHECK (foreign_units >= 0);
GRANT SELECT, INSERT, UPDATE ON settlement_watches TO tollkeeper_app;
GRANT SELECT, INSERT ON foreign_deposits TO tollkeeper_app;
GRANT UPDATE (told_at) ON foreign_deposits TO tollkeeper_app;
`,
};
