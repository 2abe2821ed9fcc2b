import { type Nanodollars, nanodollars } from "../../../money/nanodollars.ts";
import type { Database } from "../../../platform/database/pool.ts";
import type { SettlementMode } from "../merchant.ts";
import { KNOWN_BY_TRANSACTION } from "../payments/claims/claimed-transaction-store.ts";
import type { PayerDue, RefundCause } from "./refund-due.ts";

/** A refund that was proven on the chain; units are of its token. */
export type PayerRefund = {
  readonly id: string;
  readonly balanceId: string;
  readonly merchantId: string;
  readonly payer: string;
  readonly network: string;
  readonly token: string;
  readonly transaction: string;
  readonly amountUnits: bigint;
  readonly amount: Nanodollars;
};

const DUE = `b.id, b.account, b.merchant_id AS "merchantId", b.settlement_mode AS mode, b.payer_kind AS kind, b.payer, l.balance::text AS amount
  FROM access_payer_balances b JOIN accounts a ON a.name = b.account JOIN account_balances l ON l.account_id = a.id`;
const SPELLING = (column: string) => `CASE WHEN ${column} LIKE '0x%' THEN lower(${column}) ELSE ${column} END`;

type DueRow = Omit<PayerDue, "amount"> & { readonly amount: string };

/** Balances above zero in the order of their ids, after `after`; of one merchant and of one mode where those are given. */
export async function selectPayersDue(
  database: Database,
  input: {
    readonly merchantId: string | null;
    readonly mode: SettlementMode | null;
    readonly after: string | null;
    readonly limit: number;
  },
): Promise<readonly PayerDue[]> {
  const { rows } = await database.raw<{ readonly rows: readonly DueRow[] }>(
    `SELECT ${DUE} WHERE l.balance > 0 AND (:merchantId::text IS NULL OR b.merchant_id = :merchantId)
       AND (:mode::text IS NULL OR b.settlement_mode = :mode) AND (:after::text IS NULL OR b.id > :after)
     ORDER BY b.id LIMIT :limit`,
    { ...input },
  );
  return rows.map(readDue);
}

/** One balance of a merchant, also where nothing is left of it; undefined where it is another's or of another mode. */
export async function selectPayerDue(
  database: Database,
  input: { readonly id: string; readonly merchantId: string; readonly mode: SettlementMode },
): Promise<PayerDue | undefined> {
  const { rows } = await database.raw<{ readonly rows: readonly DueRow[] }>(
    `SELECT ${DUE} WHERE b.id = :id AND b.merchant_id = :merchantId AND b.settlement_mode = :mode`,
    input,
  );
  return rows[0] && readDue(rows[0]);
}

/** Everything that ever added to the balance of a payer at a merchant, in one mode. */
export async function selectRefundCauses(
  database: Database,
  input: Pick<PayerDue, "merchantId" | "mode" | "payer">,
): Promise<readonly RefundCause[]> {
  const { merchantId, mode, payer } = input;
  const { rows } = await database.raw<{
    readonly rows: readonly (Omit<RefundCause, "amount"> & { readonly amount: string })[];
  }>(
    `SELECT p.id AS "paymentId", p.payer, p.pay_to AS "payTo", p.network, p.resolved_at AS at,
       CASE WHEN p.status = 'unserved' THEN 'unserved_payment' ELSE 'overpaid' END AS reason,
       (CASE WHEN p.status = 'unserved' THEN p.gross_nanodollars ELSE 0 END
         + div(p.left_units::numeric * p.gross_nanodollars, p.amount_units))::text AS amount
     FROM access_payments p WHERE p.merchant_id = :merchantId AND p.settlement_mode = :mode AND ${SPELLING("p.payer")} = :payer
       AND (p.status = 'unserved' OR (p.left_units > 0 AND p.status = 'settled'))
     UNION ALL
     SELECT p.id, p.payer, p.pay_to, p.network, r.returned_at, 'unused_time', r.amount_nanodollars::text
     FROM access_returns r JOIN access_payments p ON p.id = r.payment_id
     WHERE r.merchant_id = :merchantId AND p.settlement_mode = :mode AND ${SPELLING("p.payer")} = :payer`,
    { merchantId, mode, payer },
  );
  return rows.map((row) => ({ ...row, amount: nanodollars(BigInt(row.amount)) }));
}

/** The wallets a merchant is paid at now. */
export async function selectMerchantWallets(database: Database, merchantId: string): Promise<readonly string[]> {
  const { rows } = await database.raw<{ readonly rows: readonly { readonly address: string }[] }>(
    "SELECT address FROM merchant_wallets WHERE merchant_id = ?",
    [merchantId],
  );
  return rows.map(({ address }) => address);
}

/**
 * Lets one caller at a time count a transaction on chain, as a refund or as a PAY2 payment, until its own transaction ends: each looks
 * whether the other has it.
 */
export async function lockTransfer(
  database: Database,
  { network, transaction }: { readonly network: string; readonly transaction: string },
): Promise<void> {
  await database.raw("SELECT pg_advisory_xact_lock(hashtext(?), hashtext(?))", [network, transaction]);
}

/** Whether a transaction was taken as a refund to the wallet `payTo`. */
export async function isRefundTo(
  database: Database,
  input: { readonly network: string; readonly transaction: string; readonly payTo: string },
): Promise<boolean> {
  const { network, transaction, payTo } = input;
  const { rows } = await database.raw<{ readonly rows: readonly unknown[] }>(
    `SELECT FROM access_payer_refunds
     WHERE network = :network AND transaction = :transaction AND payer = ${SPELLING(":payTo::text")}`,
    { network, transaction, payTo },
  );
  return rows.length > 0;
}

/**
 * Whether a transaction is by itself a payment to somebody, or a payout of ours: then it is no merchant's refund. Signed payments on EVM
 * are told by their authorizations instead, which are no refunds.
 */
export async function isTransactionOfOurs(
  database: Database,
  input: { readonly network: string; readonly transaction: string },
): Promise<boolean> {
  const { rows } = await database.raw<{ readonly rows: readonly { readonly found: boolean }[] }>(
    `SELECT EXISTS (SELECT FROM access_payments WHERE network = :network AND transaction = :transaction AND status <> 'failed'
         AND ${KNOWN_BY_TRANSACTION})
       OR EXISTS (SELECT FROM access_payouts WHERE network = :network AND transaction_hash = :transaction) AS found`,
    input,
  );
  return rows[0]?.found === true;
}

/** The refund that a transaction was taken as for a payer, if it was. */
export async function selectPayerRefund(
  database: Database,
  input: Pick<PayerRefund, "network" | "transaction" | "payer">,
): Promise<PayerRefund | undefined> {
  const { network, transaction, payer } = input;
  const { rows } = await database.raw<{
    readonly rows: readonly (Omit<PayerRefund, "amount" | "amountUnits"> & { amount: string; amountUnits: string })[];
  }>(
    `SELECT id, balance_id AS "balanceId", merchant_id AS "merchantId", payer, network, token, transaction,
       amount_units AS "amountUnits", amount_nanodollars AS amount
     FROM access_payer_refunds WHERE network = :network AND transaction = :transaction AND payer = :payer`,
    { network, transaction, payer },
  );
  const [row] = rows;
  return row && { ...row, amountUnits: BigInt(row.amountUnits), amount: nanodollars(BigInt(row.amount)) };
}

/** Writes a refund down; false where its transaction was taken for this payer before. */
export async function insertPayerRefund(transaction: Database, refund: PayerRefund): Promise<boolean> {
  const { rows } = await transaction.raw<{ readonly rows: readonly unknown[] }>(
    `INSERT INTO access_payer_refunds (id, balance_id, merchant_id, payer, network, token, transaction, amount_units, amount_nanodollars)
     VALUES (:id, :balanceId, :merchantId, :payer, :network, :token, :transaction, :amountUnits, :amount)
     ON CONFLICT (network, transaction, payer) DO NOTHING RETURNING id`,
    { ...refund, amountUnits: `${refund.amountUnits}`, amount: `${refund.amount}` },
  );
  return rows.length === 1;
}

function readDue(row: DueRow): PayerDue {
  return { ...row, amount: nanodollars(BigInt(row.amount)) };
}
