import type { Migration } from "./migration.ts";

/**
 * Several signed payments may be in one EVM transaction, whoever put them there. Each is known by its authorization, which `payload_key`
 * keeps unique, so the transaction is unique only for what it proves alone: `PAY2`, balances, and Solana, where one message is one payment.
 */
export const accessBatches: Migration = {
  name: "0039-access-batches",
  sql: `
DROP INDEX access_payments_transaction;
CREATE UNIQUE INDEX access_payments_transaction ON access_payments (network, transaction)
  WHERE transaction IS NOT NULL AND status <> 'failed' AND NOT (network LIKE 'eip155:%' AND dialect IN ('v1', 'v2'));
`,
};
