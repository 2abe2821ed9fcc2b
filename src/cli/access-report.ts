import { z } from "zod";
import { drawTable } from "./table.ts";

/** One list of the operators' API: where it is, what its rows are called there, and which of their members a table shows. */
export type Listing = {
  readonly about: string;
  readonly path: string;
  readonly member: string;
  readonly columns: readonly string[];
  /** Options that narrow it, each spelt as its query parameter but for the dashes. */
  readonly filters: Readonly<Record<string, string>>;
  readonly nothing: string;
};

const OF_MERCHANT = { "--merchant-id <id>": "only this merchant's" } as const;

/** Every list of the room, by the name of its command. */
export const LISTINGS = {
  merchants: {
    about: "Merchants, newest first.",
    path: "admin/merchants",
    member: "data",
    columns: ["merchantId", "name", "isActive", "settlementMode", "feeBasisPoints", "createdAt"],
    filters: {
      "--search <text>": "an id, a wallet, or part of a name",
      "--active <true|false>": "only those that sell, or no more",
    },
    nothing: "No merchant.",
  },
  sessions: {
    about: "Sessions, newest first; never their tokens.",
    path: "admin/sessions",
    member: "sessions",
    columns: ["sessionId", "assetId", "status", "expiresAt", "units", "unit", "paid"],
    filters: {
      ...OF_MERCHANT,
      "--asset-id <id>": "only on this asset",
      "--status <status>": "active, expired, stopped or revoked",
    },
    nothing: "No session.",
  },
  payments: {
    about: "Payments in doubt, or of another status; oldest first, with what to do.",
    path: "admin/access/payments",
    member: "payments",
    columns: ["id", "status", "amount", "network", "createdAt", "code", "nextAction"],
    filters: { "--status <status>": "unknown (unless told), submitted, unserved, failed or reversed" },
    nothing: "No such payment.",
  },
  log: {
    about: "What became of every try to pay, newest first.",
    path: "admin/access/payment-log",
    member: "lines",
    columns: ["occurredAt", "event", "paymentId", "amountUnits", "token", "network", "code", "detail"],
    filters: {
      ...OF_MERCHANT,
      "--asset-id <id>": "only for this asset",
      "--payment-id <id>": "only of this payment",
      "--event <event>": "only lines of this kind",
      "--success <true|false>": "only what counted, or did not",
    },
    nothing: "No line.",
  },
  invoices: {
    about: "Invoices for fees on direct sales, newest first.",
    path: "admin/invoices",
    member: "invoices",
    columns: ["id", "merchantId", "month", "amount", "status", "paidAt"],
    filters: { ...OF_MERCHANT, "--status <status>": "open or paid" },
    nothing: "No invoice.",
  },
  payouts: {
    about: "Payouts to custodial merchants, newest first.",
    path: "admin/payouts",
    member: "payouts",
    columns: ["id", "merchantId", "network", "amount", "token", "status", "createdAt"],
    filters: { ...OF_MERCHANT, "--status <status>": "open (on its way or standing still), paid or cancelled" },
    nothing: "No payout.",
  },
  balances: {
    about: "What payers have left at merchants.",
    path: "admin/payers/balances",
    member: "refunds",
    columns: ["merchantId", "payer", "amount", "settlementMode", "since"],
    filters: { ...OF_MERCHANT, "--settlement-mode <mode>": "custodial: what our settlement wallets hold; or direct" },
    nothing: "No payer has anything left.",
  },
} as const satisfies Readonly<Record<string, Listing>>;

const Rows = z.array(z.record(z.string(), z.unknown()));

/** A page of a list, as far as the command reads it. */
export function pageOf({ member }: Pick<Listing, "member">) {
  return z.looseObject({ nextCursor: z.string().nullable() }).transform((page, context) => {
    const rows = Rows.safeParse(page[member]);
    if (rows.success) return { page, nextCursor: page.nextCursor, rows: rows.data };
    context.addIssue({ code: "custom", path: [member], message: "expected the rows of the list" });
    return z.NEVER;
  });
}

/** The rows of a list as a table, one line each; moments to the minute. */
export function reportRows(
  { columns, nothing }: Pick<Listing, "columns" | "nothing">,
  rows: z.output<typeof Rows>,
): string {
  if (rows.length === 0) return nothing;
  return drawTable(
    columns.map(inWords),
    rows.map((row) => columns.map((column) => show(row[column], column))),
  );
}

/** `feeBasisPoints` becomes "fee basis points". */
function inWords(column: string): string {
  return column.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

/** Control characters out of a merchant's text could move the cursor of whoever reads it. */
function show(value: unknown, column: string): string {
  if (value === null || value === undefined) return "";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return (column.endsWith("At") ? text.slice(0, 16) : text).replace(/\p{Cc}+/gu, " ");
}
