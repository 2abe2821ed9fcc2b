import { type Nanodollars, nanodollars } from "../../../money/nanodollars.ts";
import type { Database } from "../../../platform/database/pool.ts";
import type { Invoice, InvoiceLine, InvoiceStatus } from "./invoice.ts";

type StoredLine = {
  readonly network: string;
  readonly token: string;
  readonly payments: number;
  readonly gross: string;
  readonly gross_units: string;
  readonly fee: string;
  readonly fee_units: string;
  readonly returned: string;
  readonly returned_fee: string;
};

type InvoiceRow = {
  readonly id: string;
  readonly merchant_id: string;
  readonly month: string;
  readonly covers_from: Date;
  readonly covers_to: Date;
  readonly amount_nanodollars: string;
  readonly lines: readonly StoredLine[];
  readonly status: InvoiceStatus;
  readonly reference: string | null;
  readonly issued_at: Date;
  readonly paid_at: Date | null;
};

const COLUMNS = `id, merchant_id, to_char(month, 'YYYY-MM-DD') AS month, covers_from, covers_to, amount_nanodollars, lines, status, reference,
  issued_at, paid_at`;
const DIRECT = "p.merchant_id = :merchantId AND p.status = 'settled' AND p.settlement_mode = 'direct'";

/** Merchants with fees of direct sales that no invoice covers, from before `until`, in the order of their ids. */
export async function selectMerchantsToInvoice(
  database: Database,
  input: { readonly until: Date; readonly after: string; readonly limit: number },
): Promise<readonly string[]> {
  const { rows } = await database.raw<{ readonly rows: readonly { readonly id: string }[] }>(
    `SELECT m.id FROM merchants m WHERE m.id > :after AND EXISTS (
       SELECT FROM access_payments p WHERE p.merchant_id = m.id AND p.status = 'settled' AND p.settlement_mode = 'direct' AND p.fee_units > 0
         AND p.resolved_at < :until
         AND p.resolved_at >= coalesce((SELECT max(covers_to) FROM access_invoices i WHERE i.merchant_id = m.id), '-infinity'))
     ORDER BY m.id LIMIT :limit`,
    { ...input, until: input.until.toISOString() },
  );
  return rows.map(({ id }) => id);
}

/** Lets one caller at a time draw a merchant's invoices, until the transaction ends. */
export async function lockMerchantForInvoices(transaction: Database, merchantId: string): Promise<void> {
  await transaction.raw("SELECT pg_advisory_xact_lock(hashtext('access_invoices'), hashtext(?))", [merchantId]);
}

/** Where the last invoice ended, or else when the first direct sale settled; undefined without one. */
export async function selectInvoicedUpTo(
  database: Database,
  merchantId: string,
): Promise<{ readonly at: Date; readonly isInvoiced: boolean } | undefined> {
  const { rows } = await database.raw<{ readonly rows: readonly { invoiced: Date | null; sold: Date | null }[] }>(
    `SELECT (SELECT max(covers_to) FROM access_invoices WHERE merchant_id = :merchantId) AS invoiced,
       (SELECT min(p.resolved_at) FROM access_payments p WHERE ${DIRECT}) AS sold`,
    { merchantId },
  );
  const { invoiced = null, sold = null } = rows[0] ?? {};
  if (invoiced !== null) return { at: invoiced, isInvoiced: true };
  return sold === null ? undefined : { at: sold, isInvoiced: false };
}

/** What direct sales and returns of `[from, to)` sum to, by network and token. A return counts by the mode of its payment. */
export async function selectInvoiceLines(
  database: Database,
  input: { readonly merchantId: string; readonly from: Date; readonly to: Date },
): Promise<readonly InvoiceLine[]> {
  const { rows } = await database.raw<{ readonly rows: readonly StoredLine[] }>(
    `SELECT network, token, sum(payments)::integer AS payments, sum(gross)::text AS gross, sum(gross_units)::text AS gross_units,
       sum(fee)::text AS fee, sum(fee_units)::text AS fee_units, sum(returned)::text AS returned, sum(returned_fee)::text AS returned_fee
     FROM (
       SELECT p.network, p.token, 1 AS payments, p.gross_nanodollars AS gross, p.amount_units AS gross_units,
         div(p.gross_nanodollars::numeric * p.fee_units, p.amount_units) AS fee, p.fee_units, 0 AS returned, 0 AS returned_fee
       FROM access_payments p WHERE ${DIRECT} AND p.resolved_at >= :from AND p.resolved_at < :to
       UNION ALL
       SELECT p.network, p.token, 0, 0, 0, 0, 0, r.amount_nanodollars, r.fee_nanodollars
       FROM access_returns r JOIN access_payments p ON p.id = r.payment_id
       WHERE r.merchant_id = :merchantId AND ${DIRECT} AND r.returned_at >= :from AND r.returned_at < :to) f
     GROUP BY network, token ORDER BY network, token`,
    { merchantId: input.merchantId, from: input.from.toISOString(), to: input.to.toISOString() },
  );
  return rows.map(readLine);
}

/** Writes an invoice; false where the merchant has one of that month. */
export async function insertInvoice(
  database: Database,
  invoice: Pick<Invoice, "id" | "merchantId" | "month" | "coversFrom" | "coversTo" | "amount" | "lines" | "issuedAt">,
): Promise<boolean> {
  const { rows } = await database.raw<{ readonly rows: readonly unknown[] }>(
    `INSERT INTO access_invoices (id, merchant_id, month, covers_from, covers_to, amount_nanodollars, lines, issued_at)
     VALUES (:id, :merchantId, :month, :coversFrom, :coversTo, :amount, :lines::jsonb, :issuedAt)
     ON CONFLICT (merchant_id, month) DO NOTHING RETURNING id`,
    {
      id: invoice.id,
      merchantId: invoice.merchantId,
      month: invoice.month,
      coversFrom: invoice.coversFrom.toISOString(),
      coversTo: invoice.coversTo.toISOString(),
      amount: `${invoice.amount}`,
      lines: JSON.stringify(invoice.lines.map(storedLine)),
      issuedAt: invoice.issuedAt.toISOString(),
    },
  );
  return rows.length === 1;
}

/** Invoices, newest first, below `before` to continue a page. */
export async function selectInvoices(
  database: Database,
  input: {
    readonly merchantId: string | null;
    readonly status: InvoiceStatus | null;
    readonly before: string | null;
    readonly limit: number;
  },
): Promise<readonly Invoice[]> {
  const { rows } = await database.raw<{ readonly rows: readonly InvoiceRow[] }>(
    `SELECT ${COLUMNS} FROM access_invoices WHERE (:merchantId::text IS NULL OR merchant_id = :merchantId)
       AND (:status::text IS NULL OR status = :status) AND (:before::text IS NULL OR id < :before)
     ORDER BY id DESC LIMIT :limit`,
    { ...input },
  );
  return rows.map(readInvoice);
}

/** One invoice, or undefined. With `lock` it is nobody else's to change until the transaction ends. */
export async function selectInvoice(
  database: Database,
  input: { readonly id: string; readonly lock?: boolean },
): Promise<Invoice | undefined> {
  const { rows } = await database.raw<{ readonly rows: readonly InvoiceRow[] }>(
    `SELECT ${COLUMNS} FROM access_invoices WHERE id = ? ${input.lock === true ? "FOR UPDATE" : ""}`,
    [input.id],
  );
  return rows[0] && readInvoice(rows[0]);
}

/** Marks an open invoice as paid. */
export async function markInvoiceRow(
  database: Database,
  input: { readonly id: string; readonly reference: string; readonly at: Date },
): Promise<void> {
  await database.raw(
    "UPDATE access_invoices SET status = 'paid', reference = :reference, paid_at = :at WHERE id = :id AND status = 'open'",
    { ...input, at: input.at.toISOString() },
  );
}

function readInvoice(row: InvoiceRow): Invoice {
  return {
    id: row.id,
    merchantId: row.merchant_id,
    month: row.month,
    coversFrom: row.covers_from,
    coversTo: row.covers_to,
    amount: nanodollars(BigInt(row.amount_nanodollars)),
    lines: row.lines.map(readLine),
    status: row.status,
    reference: row.reference,
    issuedAt: row.issued_at,
    paidAt: row.paid_at,
  };
}

function readLine(row: StoredLine): InvoiceLine {
  const amount = (text: string): Nanodollars => nanodollars(BigInt(text));
  const { network, token, payments } = row;
  return {
    network,
    token,
    payments,
    gross: amount(row.gross),
    grossUnits: BigInt(row.gross_units),
    fee: amount(row.fee),
    feeUnits: BigInt(row.fee_units),
    returned: amount(row.returned),
    returnedFee: amount(row.returned_fee),
  };
}

function storedLine(line: InvoiceLine): StoredLine {
  const { network, token, payments } = line;
  return {
    network,
    token,
    payments,
    gross: `${line.gross}`,
    gross_units: `${line.grossUnits}`,
    fee: `${line.fee}`,
    fee_units: `${line.feeUnits}`,
    returned: `${line.returned}`,
    returned_fee: `${line.returnedFee}`,
  };
}
