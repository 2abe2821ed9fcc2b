import type { Knex } from "knex";
import { withClient } from "./world.ts";

/** The ledger most services start with: one transaction per event, the balance row locked, one statement after another. */
export type NaiveLedger = {
  readonly post: (input: {
    readonly account: number;
    readonly key: string;
    readonly amount: bigint;
    readonly quantity: string;
  }) => Promise<bigint>;
};

const TABLES = `
CREATE TABLE naive_balances (account_id bigint PRIMARY KEY, balance bigint NOT NULL CHECK (balance >= 0)) WITH (fillfactor = 50);
CREATE TABLE naive_entries (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, key text NOT NULL UNIQUE, kind text NOT NULL,
  quantity numeric(38, 9) NOT NULL, unit text NOT NULL, created_at timestamptz NOT NULL DEFAULT now());
CREATE TABLE naive_lines (entry_id bigint NOT NULL, line_number smallint NOT NULL, account_id bigint NOT NULL, amount bigint NOT NULL,
  PRIMARY KEY (entry_id, line_number));
CREATE INDEX naive_lines_account ON naive_lines (account_id, entry_id);
CREATE FUNCTION naive_zero_sum() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (SELECT sum(amount) FROM naive_lines WHERE entry_id = NEW.entry_id) <> 0 THEN RAISE EXCEPTION 'unbalanced'; END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER naive_zero_sum AFTER INSERT ON naive_lines DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION naive_zero_sum();
GRANT SELECT, INSERT, UPDATE ON naive_balances, naive_entries, naive_lines TO tollkeeper_app;`;

const REVENUE = -1;

/** Makes the tables, with a balance for each of accounts 0 to `accountCount` - 1. */
export async function createNaiveTables(ownerUrl: string, accountCount: number): Promise<void> {
  await withClient(ownerUrl, async (client) => {
    await client.query(TABLES);
    await client.query("INSERT INTO naive_balances SELECT n, 1000000000000000 FROM generate_series(0, $1::int - 1) n", [
      accountCount,
    ]);
  });
}

/** Posts through knex, as such services do. Answers the balance after. */
export function openNaiveLedger(database: Knex): NaiveLedger {
  return {
    post: ({ account, key, amount, quantity }) =>
      database.transaction(async (transaction) => {
        const row = await transaction("naive_balances").where("account_id", account).forUpdate().first("balance");
        const balance = BigInt(row.balance) - amount;
        const [entry] = await transaction("naive_entries").insert(
          { key, kind: "usage_metered", quantity, unit: "GB" },
          ["id"],
        );
        const line = { entry_id: entry.id, line_number: 1, account_id: account, amount: `${-amount}` };
        await transaction("naive_lines").insert([
          line,
          { ...line, line_number: 2, account_id: REVENUE, amount: `${amount}` },
        ]);
        await transaction("naive_balances")
          .where("account_id", account)
          .update({ balance: `${balance}` });
        return balance;
      }),
  };
}
