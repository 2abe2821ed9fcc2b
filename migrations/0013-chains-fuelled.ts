import type { Migration } from "./migration.ts";

/** Our own coin at a deposit address is told from a customer's by our transactions to and from it; this finds them without reading all. */
export const chainsFuelled: Migration = {
  name: "0013-chains-fuelled",
  sql: `
CREATE INDEX outgoing_transactions_by_receiver ON outgoing_transactions (chain, lower(unsigned->>'to'))
  WHERE unsigned->>'value' IS NOT NULL;
CREATE INDEX outgoing_transactions_by_sender ON outgoing_transactions (chain, from_address);
`,
};
