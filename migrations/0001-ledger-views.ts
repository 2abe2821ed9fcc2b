import type { Migration } from "./migration.ts";

/** The books in the shape of seed 003: accounts, journal_entries, journal_lines, account_balances. For reading and for auditors. */
export const ledgerViews: Migration = {
  name: "0001-ledger-views",
  sql: `
CREATE VIEW accounts AS
SELECT a.id, a.name AS code, a.name, c.type,
  CASE WHEN c.type IN ('asset', 'expense') THEN 'debit' ELSE 'credit' END AS normal_side,
  CASE WHEN a.class = 'tenant' THEN split_part(a.name, '/', 2) END AS tenant_id, a.created_at
FROM ledger_accounts a JOIN account_classes c USING (class);

CREATE VIEW journal_entries AS
SELECT j.entry_id AS id, j.created_at AS posted_at, k.name AS entry_type, d.description, j.ref AS reference_id, j.payload_hash,
  d.idempotency_key, d.metadata
FROM journal j LEFT JOIN entry_kinds k ON k.id = j.kind LEFT JOIN entry_details d USING (entry_id) WHERE j.leg = 0;

CREATE VIEW journal_lines AS
SELECT entry_id AS journal_entry_id, leg * 2 + 1 AS line_number, debit_account AS account_id, amount, 'debit' AS side, created_at FROM journal
UNION ALL
SELECT entry_id, leg * 2 + 2, credit_account, amount, 'credit', created_at FROM journal;

-- A customer account is read from its balance row; a system account is the sum of its transfers.
CREATE VIEW account_balances AS
SELECT a.id AS account_id, CASE WHEN a.id % 2 = 0 THEN b.balance ELSE b.held END AS balance
FROM ledger_accounts a JOIN balances b ON b.account_id = a.id & -2 WHERE a.id > 0
UNION ALL
SELECT a.id, CASE WHEN a.normal_side = 'debit' THEN s.debits - s.credits ELSE s.credits - s.debits END::bigint
FROM accounts a JOIN LATERAL (
  SELECT coalesce(sum(l.amount) FILTER (WHERE l.side = 'debit'), 0) AS debits, coalesce(sum(l.amount) FILTER (WHERE l.side = 'credit'), 0) AS credits
  FROM journal_lines l WHERE l.account_id = a.id
) s ON true WHERE a.id < 0;

GRANT SELECT ON accounts, journal_entries, journal_lines, account_balances TO tollkeeper_app;
`,
};
