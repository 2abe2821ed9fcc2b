import type { Migration } from "./migration.ts";

/**
 * Where a merchant's money went, and when that changed: whoever holds a merchant's key can send its income elsewhere, so every wallet it
 * ever had is kept, and the database writes it down itself. A merchant may also stop taking payments on a network. The public list of
 * assets is read newest first by id, with filters; asset ids sort by age.
 */
export const accessMerchants: Migration = {
  name: "0030-access-merchants",
  sql: `
CREATE TABLE merchant_wallet_changes (
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  merchant_id text NOT NULL REFERENCES merchants (id),
  network text NOT NULL,
  old_address text,
  new_address text,
  changed_at timestamptz NOT NULL DEFAULT now(),
  CHECK (old_address IS DISTINCT FROM new_address)
);
CREATE INDEX merchant_wallet_changes_of ON merchant_wallet_changes (merchant_id, number DESC);
CREATE TRIGGER merchant_wallet_changes_are_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON merchant_wallet_changes
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE FUNCTION keep_wallet_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND OLD.address = NEW.address THEN RETURN NULL; END IF;
  INSERT INTO merchant_wallet_changes (merchant_id, network, old_address, new_address)
  VALUES (coalesce(NEW.merchant_id, OLD.merchant_id), coalesce(NEW.network, OLD.network), OLD.address, NEW.address);
  RETURN NULL;
END $$;
CREATE TRIGGER merchant_wallets_changed AFTER INSERT OR UPDATE OR DELETE ON merchant_wallets
  FOR EACH ROW EXECUTE FUNCTION keep_wallet_change();

CREATE INDEX assets_by_type ON assets (type, id);

GRANT DELETE ON merchant_wallets TO tollkeeper_app;
GRANT SELECT, INSERT ON merchant_wallet_changes TO tollkeeper_app;
`,
};
