import { formatDollars, type Nanodollars, nanodollars } from "../../../money/nanodollars.ts";

/** `open` until the operator says that it was paid. */
export type InvoiceStatus = "open" | "paid";

/** What a merchant owes for one token on one network: fees of its sales, less those on time it gave back. Units are of the token. */
export type InvoiceLine = {
  readonly network: string;
  readonly token: string;
  readonly payments: number;
  readonly gross: Nanodollars;
  readonly grossUnits: bigint;
  readonly fee: Nanodollars;
  readonly feeUnits: bigint;
  readonly returned: Nanodollars;
  readonly returnedFee: Nanodollars;
};

/**
 * The fees of a merchant's direct sales of a calendar month (UTC, `month` is its first day). It covers `[coversFrom, coversTo)`, which
 * begins before the month where an earlier one had nothing to claim.
 */
export type Invoice = {
  readonly id: string;
  readonly merchantId: string;
  readonly month: string;
  readonly coversFrom: Date;
  readonly coversTo: Date;
  readonly amount: Nanodollars;
  readonly lines: readonly InvoiceLine[];
  readonly status: InvoiceStatus;
  readonly reference: string | null;
  readonly issuedAt: Date;
  readonly paidAt: Date | null;
};

/** What the lines claim; below zero where more was given back than sold. Pure. */
export function sumOfLines(lines: readonly InvoiceLine[]): Nanodollars {
  return nanodollars(lines.reduce((sum, { fee, returnedFee }) => sum + fee - returnedFee, 0n));
}

/** The first moment of the month of a time, in UTC. Pure. */
export function monthOf(time: Date): Date {
  return new Date(Date.UTC(time.getUTCFullYear(), time.getUTCMonth(), 1));
}

/** The first moment of the month after that of a time, in UTC. Pure. */
export function monthAfter(time: Date): Date {
  return new Date(Date.UTC(time.getUTCFullYear(), time.getUTCMonth() + 1, 1));
}

/** An invoice as the wire shows it; dollars are decimal strings. */
export function invoiceView(invoice: Invoice) {
  return {
    id: invoice.id,
    merchantId: invoice.merchantId,
    month: invoice.month.slice(0, 7),
    coversFrom: invoice.coversFrom.toISOString(),
    coversTo: invoice.coversTo.toISOString(),
    amount: formatDollars(invoice.amount),
    currency: "USD" as const,
    lines: invoice.lines.map((line) => ({
      network: line.network,
      token: line.token,
      payments: line.payments,
      gross: formatDollars(line.gross),
      grossUnits: `${line.grossUnits}`,
      fee: formatDollars(line.fee),
      feeUnits: `${line.feeUnits}`,
      returned: formatDollars(line.returned),
      returnedFee: formatDollars(line.returnedFee),
      amount: formatDollars(nanodollars(line.fee - line.returnedFee)),
    })),
    status: invoice.status,
    reference: invoice.reference,
    issuedAt: invoice.issuedAt.toISOString(),
    paidAt: invoice.paidAt?.toISOString() ?? null,
  };
}
