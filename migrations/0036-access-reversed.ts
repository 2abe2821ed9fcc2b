import type { Migration } from "./migration.ts";

/**
 * A payment counts before its block is final. Where a reorganisation takes the block and the chain itself says that what was signed can
 * land no more, the payment is `reversed`: its sale is out of the books and its time is taken back. It keeps the transaction it was
 * counted by and says why. It never goes back to being a sale; should its tokens move after all, it becomes `unserved`.
 */
export const accessReversed: Migration = {
  name: "0036-access-reversed",
  sql: `
ALTER TABLE access_payments DROP CONSTRAINT access_payments_status_check;
ALTER TABLE access_payments ADD CONSTRAINT access_payments_status_check
  CHECK (status IN ('submitted', 'unknown', 'settled', 'failed', 'unserved', 'reversed'));
ALTER TABLE access_payments ADD CONSTRAINT access_payments_reversed_says_why
  CHECK (status <> 'reversed' OR (transaction IS NOT NULL AND failure_code IS NOT NULL AND dialect <> 'balance'));
CREATE FUNCTION refuse_end_of_reversed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'A reversed payment only ever becomes unserved' USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER access_payments_reversed_stay BEFORE UPDATE OF status ON access_payments FOR EACH ROW
  WHEN (OLD.status = 'reversed' AND NEW.status NOT IN ('reversed', 'unserved')) EXECUTE FUNCTION refuse_end_of_reversed();
CREATE TRIGGER access_payments_reversed_counted BEFORE UPDATE OF status ON access_payments FOR EACH ROW
  WHEN (NEW.status = 'reversed' AND OLD.status NOT IN ('settled', 'unserved', 'reversed')) EXECUTE FUNCTION refuse_end_of_reversed();
`,
};
