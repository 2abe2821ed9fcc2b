import type { Migration } from "./migration.ts";

/**
 * Fees of the access room. What a merchant sold in a calendar month (UTC) decides its fee, so it is kept as a sum beside the payments: a
 * trigger adds to it in the transaction that settles one, and several slots let payments of one merchant settle at the same time. Whose
 * balances there are at a merchant, and which unused time was given back, are rows, since the ledger knows only names and sums. An
 * invoice of direct sales is drawn once per merchant and month.
 */
export const accessFees: Migration = {
  name: "0033-access-fees",
  sql: `
INSERT INTO account_classes (class, type, materialised) VALUES ('payout-in-transit', 'liability', false);

CREATE TABLE access_monthly_volumes (
  merchant_id text NOT NULL REFERENCES merchants (id),
  month date NOT NULL CHECK (month = date_trunc('month', month::timestamp)::date),
  slot smallint NOT NULL CHECK (slot BETWEEN 0 AND 15),
  gross_nanodollars numeric(38,0) NOT NULL CHECK (gross_nanodollars >= 0),
  PRIMARY KEY (merchant_id, month, slot)
);
CREATE FUNCTION add_to_monthly_volume() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $function$
BEGIN
  INSERT INTO access_monthly_volumes AS v (merchant_id, month, slot, gross_nanodollars)
  VALUES (NEW.merchant_id, date_trunc('month', NEW.resolved_at AT TIME ZONE 'UTC')::date, pg_backend_pid() % 16, NEW.gross_nanodollars)
  ON CONFLICT (merchant_id, month, slot) DO UPDATE SET gross_nanodollars = v.gross_nanodollars + excluded.gross_nanodollars;
  RETURN NULL;
END $function$;
REVOKE ALL ON FUNCTION add_to_monthly_volume FROM PUBLIC;
CREATE TRIGGER access_payments_settled_volume AFTER UPDATE OF status ON access_payments FOR EACH ROW
  WHEN (NEW.status = 'settled' AND OLD.status <> 'settled' AND NEW.dialect <> 'balance') EXECUTE FUNCTION add_to_monthly_volume();
CREATE TRIGGER access_payments_inserted_volume AFTER INSERT ON access_payments FOR EACH ROW
  WHEN (NEW.status = 'settled' AND NEW.dialect <> 'balance') EXECUTE FUNCTION add_to_monthly_volume();

CREATE INDEX access_payments_earned ON access_payments (merchant_id, resolved_at, id)
  INCLUDE (gross_nanodollars, fee_units, amount_units) WHERE status = 'settled';

CREATE TABLE access_payer_balances (
  account text PRIMARY KEY,
  merchant_id text NOT NULL REFERENCES merchants (id),
  settlement_mode text NOT NULL CHECK (settlement_mode IN ('direct', 'custodial')),
  payer_kind text NOT NULL CHECK (payer_kind IN ('evm', 'solana')),
  payer text NOT NULL,
  opened_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (merchant_id, payer_kind, payer, settlement_mode)
);

CREATE TABLE access_returns (
  session_id text NOT NULL REFERENCES access_sessions (id),
  payment_id text NOT NULL REFERENCES access_payments (id),
  merchant_id text NOT NULL REFERENCES merchants (id),
  amount_nanodollars bigint NOT NULL CHECK (amount_nanodollars > 0),
  fee_nanodollars bigint NOT NULL CHECK (fee_nanodollars BETWEEN 0 AND amount_nanodollars),
  returned_at timestamptz NOT NULL,
  PRIMARY KEY (session_id, payment_id)
);
CREATE INDEX access_returns_by_merchant ON access_returns (merchant_id, returned_at);

CREATE TABLE access_invoices (
  id text PRIMARY KEY,
  merchant_id text NOT NULL REFERENCES merchants (id),
  month date NOT NULL CHECK (month = date_trunc('month', month::timestamp)::date),
  covers_from timestamptz NOT NULL,
  covers_to timestamptz NOT NULL CHECK (covers_to > covers_from),
  amount_nanodollars bigint NOT NULL CHECK (amount_nanodollars > 0),
  lines jsonb NOT NULL CHECK (jsonb_typeof(lines) = 'array'),
  status text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'paid')),
  reference text CHECK (length(reference) BETWEEN 1 AND 200),
  issued_at timestamptz NOT NULL,
  paid_at timestamptz,
  UNIQUE (merchant_id, month),
  CHECK ((status = 'paid') = (paid_at IS NOT NULL)),
  CHECK ((status = 'paid') = (reference IS NOT NULL))
);
CREATE INDEX access_invoices_by_status ON access_invoices (status, id DESC);

GRANT SELECT ON access_monthly_volumes TO tollkeeper_app;
GRANT SELECT, INSERT ON access_payer_balances, access_returns, access_invoices TO tollkeeper_app;
GRANT UPDATE (status, reference, paid_at) ON access_invoices TO tollkeeper_app;
`,
};
