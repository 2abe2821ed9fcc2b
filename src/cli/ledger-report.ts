import type { EntryExplanation } from "../ledger/explain.ts";
import type { TrialBalance, Verification } from "../ledger/reconcile.ts";
import { formatDollars, nanodollars } from "../money/nanodollars.ts";
import { drawTable } from "./table.ts";

/** What the ledger command prints: lines for people, or one JSON document with amounts as decimal dollars. */
export type Report = { readonly text: string; readonly json: unknown };

/** The trial balance as a table that ends with its two sums. */
export function reportTrialBalance({ lines, debits, credits }: TrialBalance): Report {
  const rows = lines.map((line) => [
    line.account,
    line.type,
    dollars(line.debits),
    dollars(line.credits),
    dollars(line.balance),
  ]);
  const text = drawTable(
    ["account", "type", "debits", "credits", "balance"],
    [...rows, ["total", "", dollars(debits), dollars(credits), ""]],
  );
  return { text, json: amountsAsText({ lines, debits, credits }) };
}

/** What a verification found, and where. */
export function reportVerification(found: Verification, sealed: number): Report {
  const findings = [
    ...found.drifts.map((drift) => [
      drift.account,
      `stored ${dollars(drift.stored.available)} + ${dollars(drift.stored.held)} held, computed ${dollars(drift.computed.available)} + ${dollars(drift.computed.held)} held, open holds ${dollars(drift.openHolds)}`,
    ]),
    ...found.brokenEntries.map((entryId) => [entryId, "the entry is not whole"]),
    ...found.tampered.map(({ afterEntry, upToEntry, reason }) => [`after ${afterEntry} to ${upToEntry}`, reason]),
  ];
  const verdict = found.sound
    ? `The books are sound: ${found.transfers} transfers recomputed, no drift. ${sealed} new chunk(s) sealed.`
    : `THE BOOKS ARE NOT SOUND: ${findings.length} finding(s), drift of ${dollars(found.driftTotal)} US dollars.`;
  const text = findings.length === 0 ? verdict : `${drawTable(["where", "what"], findings)}\n${verdict}`;
  return { text, json: amountsAsText({ ...found, sealed }) };
}

/** One entry: its words, its transfers, what was used and whether it was reversed. */
export function reportExplanation(entry: EntryExplanation): Report {
  const words = [
    ["entry", entry.entryId],
    ["kind", entry.kind],
    ["posted at", entry.postedAt.toISOString()],
    ["key", entry.idempotencyKey],
    ["description", entry.description],
    ["metadata", entry.metadata === null ? null : JSON.stringify(entry.metadata)],
    ["reversed by", entry.reversedBy],
    ...entry.usage.map(({ quantity, unit, occurredAt }) => [
      "usage",
      `${quantity} ${unit} at ${occurredAt.toISOString()}`,
    ]),
  ];
  const said = words.flatMap(([name, value]) => (typeof value === "string" ? [`${name}: ${value}`] : []));
  const moved = drawTable(
    ["debit", "credit", "US dollars"],
    entry.transfers.map(({ debit, credit, amount }) => [debit, credit, dollars(amount)]),
  );
  return { text: [...said, moved].join("\n"), json: amountsAsText(entry) };
}

function dollars(amount: bigint): string {
  return formatDollars(nanodollars(amount));
}

function amountsAsText(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_key, inner: unknown) => (typeof inner === "bigint" ? dollars(inner) : inner)),
  );
}
