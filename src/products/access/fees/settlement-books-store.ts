import type { SettlementBooks } from "../../../integrations/chains/reconciliation/settlement-wallet.ts";
import { accounts } from "../../../ledger/chart-of-accounts.ts";
import type { Database } from "../../../platform/database/pool.ts";

type Place = { readonly network: string; readonly token: string };
type Row = { ledger: string; arriving: readonly string[]; leaving: readonly string[] };

/** A chain that is asked now shows everything that was written down so long ago. */
const SHOWN = "2 minutes";

/**
 * What the books say the settlement wallet holds of a token, in one statement and so of one moment. Arriving: payments under way, and what
 * payouts of just now may not have taken yet. Leaving: open payouts, payments of just now, and those that vanished with their block.
 */
export async function readSettlementBooks(database: Database, place: Place): Promise<SettlementBooks> {
  const { rows } = await database.raw<{ rows: Row[] }>(
    `WITH payments AS (
       SELECT id, status, amount_units, amount_units::numeric + left_units AS units, resolved_at, final_at FROM access_payments
       WHERE network = :network AND token = :token AND settlement_mode = 'custodial' AND dialect <> 'balance'
         AND (status IN ('submitted', 'unknown') OR (final_at IS NULL AND status IN ('settled', 'unserved')))
     ), payouts AS (
       SELECT amount_units, status, paid_at FROM access_payouts WHERE network = :network AND token = :token
         AND (status = 'open' OR paid_at > now() - :shown::interval)
     )
     SELECT
       (SELECT coalesce(sum(b.balance), 0) FROM accounts a JOIN account_balances b ON b.account_id = a.id WHERE a.name = :account) AS ledger,
       ARRAY(SELECT amount_units::text FROM payments WHERE status IN ('submitted', 'unknown')
         UNION ALL SELECT amount_units::text FROM payouts WHERE status = 'paid') AS arriving,
       ARRAY(SELECT units::text FROM payments WHERE status IN ('settled', 'unserved') AND (resolved_at > now() - :shown::interval
           OR EXISTS (SELECT FROM access_payment_log l WHERE l.payment_id = payments.id AND l.event = 'vanished'))
         UNION ALL SELECT amount_units::text FROM payouts WHERE status = 'open') AS leaving`,
    { ...place, shown: SHOWN, account: accounts.settlementWallet(place.network, place.token) },
  );
  const [row] = rows;
  if (row === undefined) throw new Error("The settlement wallet's figures gave no row.");
  const { ledger, arriving, leaving } = row;
  return {
    ledger: BigInt(ledger.split(".")[0] ?? "0"),
    arriving: arriving.map(BigInt),
    leaving: leaving.map(BigInt),
  };
}

/** How many base units of each of these transactions custodial payments account for. */
export async function findClaimedUnits(
  database: Database,
  input: Place & { readonly transactions: readonly string[] },
): Promise<ReadonlyMap<string, bigint>> {
  const { rows } = await database.raw<{ rows: { transaction: string; units: string }[] }>(
    `SELECT transaction, sum(amount_units::numeric + left_units)::text AS units FROM access_payments
     WHERE network = :network AND token = :token AND settlement_mode = 'custodial' AND status IN ('settled', 'unserved')
       AND transaction = ANY(:transactions) GROUP BY transaction`,
    { ...input, transactions: [...input.transactions] },
  );
  return new Map(rows.map(({ transaction, units }) => [transaction, BigInt(units)]));
}
