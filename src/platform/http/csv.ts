const NEEDS_QUOTES = /[",\r\n]/;
// A number below zero is no formula.
const IS_FORMULA = /^(?:[=+@\t\r]|-(?![0-9]+(?:\.[0-9]+)?$))/;

/**
 * One line of CSV as RFC 4180 has it, ended by CRLF. A cell that a spreadsheet would take for a formula gets an apostrophe in front, so
 * that nobody's text is ever run. Pure.
 */
export function csvLine(cells: readonly string[]): string {
  return `${cells.map(csvCell).join(",")}\r\n`;
}

function csvCell(text: string): string {
  const harmless = IS_FORMULA.test(text) ? `'${text}` : text;
  return NEEDS_QUOTES.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

/**
 * Whether an `Accept` header asks for CSV: it names `text/csv`, and JSON is not named with more weight. Anything else, also none, is
 * JSON. Pure.
 */
export function prefersCsv(accept: string | undefined): boolean {
  const ranges = (accept ?? "").slice(0, 1_024).split(",").map(readRange);
  const weightOf = (type: string) => ranges.find((range) => range.type === type)?.weight ?? 0;
  const csv = weightOf("text/csv");
  return csv > 0 && csv >= weightOf("application/json");
}

function readRange(text: string): { readonly type: string; readonly weight: number } {
  const [type = "", ...parameters] = text.split(";").map((part) => part.trim().toLowerCase());
  const weight = Number(parameters.find((part) => part.startsWith("q="))?.slice(2) ?? "1");
  return { type, weight: Number.isFinite(weight) ? weight : 0 };
}
