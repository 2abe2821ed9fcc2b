import { z } from "zod";
import { drawTable } from "./table.ts";

const Fact = z.record(z.string(), z.unknown());

/** A page of `GET /admin/purchases`, as far as the command shows it. */
export const PurchasePage = z.looseObject({
  purchases: z.array(
    z.looseObject({
      id: z.string(),
      title: z.string(),
      status: z.string(),
      balance: z.string().nullable(),
      needs_attention: z.boolean(),
      stuck: z.looseObject({ step: z.string(), reason: z.string(), since: z.string() }).nullable(),
      created_at: z.string(),
    }),
  ),
  next_cursor: z.string().nullable(),
});

/** A page of `GET /admin/stuck`. */
export const StuckPage = z.looseObject({
  items: z.array(
    z.looseObject({
      subject: z.string(),
      kind: z.string(),
      since: z.string(),
      reason: z.string(),
      next_action: z.string(),
    }),
  ),
  next_cursor: z.string().nullable(),
});

/** What `GET /admin/purchases/:id` answers, as far as the command shows it. */
export const PurchaseRecord = z.looseObject({
  purchase: z.looseObject({ id: z.string(), title: z.string(), status: z.string(), status_since: z.string() }),
  balance: z.looseObject({ available: z.string(), held: z.string() }),
  deposits: z.array(Fact),
  sweeps: z.array(Fact),
  refunds: z.array(Fact),
  stuck: z.array(Fact),
  workflows: z.array(z.string()),
});

/** A page of `GET /admin/purchases/:id/timeline`. */
export const TimelinePage = z.looseObject({
  entries: z.array(z.looseObject({ at: z.string(), what: z.string(), ref: z.string(), data: Fact })),
  next_cursor: z.string().nullable(),
});

/** What a repair answers. */
export const RepairAnswer = z.looseObject({
  requestId: z.string(),
  subject: z.string(),
  action: z.string(),
  outcome: z.string(),
});

/** Purchases as a table, one line each. */
export function reportPurchases({ purchases }: z.infer<typeof PurchasePage>): string {
  if (purchases.length === 0) return "No purchase.";
  const rows = purchases.map((purchase) => [
    purchase.id,
    purchase.status,
    purchase.balance ?? "",
    purchase.created_at.slice(0, 16),
    purchase.stuck === null ? attention(purchase.needs_attention) : `${purchase.stuck.step}: ${purchase.stuck.reason}`,
  ]);
  return table(["purchase", "status", "US dollars", "sold", "needs somebody"], rows);
}

/** What stands still past its time, with what to do. */
export function reportStuck({ items }: z.infer<typeof StuckPage>): string {
  if (items.length === 0) return "Nothing stands still past its time.";
  const rows = items.map((item) => [item.subject, item.kind, item.since.slice(0, 16), item.reason, item.next_action]);
  return table(["what", "kind", "since", "reason", "what to do"], rows);
}

/** One purchase whole: its state, its money, where it stands still, and what happened, newest last. */
export function reportPurchase(
  record: z.infer<typeof PurchaseRecord>,
  timeline: z.infer<typeof TimelinePage>["entries"],
  temporalUi: string | null,
): string {
  const { purchase, balance } = record;
  const link =
    temporalUi === null
      ? []
      : [`workflow: ${temporalUi}/namespaces/default/workflows/${encodeURIComponent(`purchase/${purchase.id}`)}`];
  return [
    `${purchase.title} ${purchase.id}`,
    `status: ${purchase.status} since ${purchase.status_since}`,
    `balance: ${balance.available} USD, ${balance.held} USD held`,
    ...link,
    ...facts("stuck", record.stuck, ["subject", "step", "step_name", "reason", "next_action"]),
    ...facts("deposits", record.deposits, ["id", "chain", "amount_units", "status", "waiting_for", "account"]),
    ...facts("sweeps", record.sweeps, ["id", "chain", "amount_units", "status", "attempts"]),
    ...facts("refunds", record.refunds, ["id", "deposit_id", "amount_units", "status", "waiting_for"]),
    "timeline:",
    table(
      ["at", "what", "more"],
      timeline.map(({ at, what, data }) => [`${at.slice(0, 19)}Z`, what, describe(data)]),
    ),
  ].join("\n");
}

function facts(name: string, rows: readonly Readonly<Record<string, unknown>>[], columns: readonly string[]): string[] {
  if (rows.length === 0) return [];
  return [
    `${name}:`,
    table(
      columns,
      rows.map((row) => columns.map((column) => show(row[column]))),
    ),
  ];
}

function describe(data: Readonly<Record<string, unknown>>): string {
  return Object.entries(data)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name} ${show(value)}`)
    .join(", ");
}

function attention(isNeeded: boolean): string {
  return isNeeded ? "see its sweeps and deposits" : "";
}

/** Control characters out of a customer's text could move the cursor of whoever reads it. */
function show(value: unknown): string {
  const text = typeof value === "string" ? value : JSON.stringify(value ?? "");
  return text.replace(/\p{Cc}+/gu, " ").replace(/^""$/, "");
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return drawTable(
    head,
    rows.map((row) => row.map((cell) => show(cell))),
  );
}
