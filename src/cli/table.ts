import Table from "cli-table3";

/** Columns of a terminal that a table must fit in. */
const WIDEST = 140;
/** What each column takes besides its text: a border and a space on either side. */
const AROUND = 3;

/**
 * A table for a terminal: one line per row, at most 140 columns wide. Columns with several words wrap to get there, the widest first; a
 * word is never broken, so that an id or a hash can be copied.
 */
export function drawTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const drawn = new Table({
    head: [...head],
    style: { head: [], border: [] },
    colWidths: fitColumns([head, ...rows]).map((width) => width + AROUND - 1),
    wordWrap: true,
  });
  for (const row of rows) drawn.push([...row]);
  const lines = drawn.toString().split("\n");
  const belowHead = lines.findIndex(isRule);
  return lines.filter((line, at) => at === belowHead || !isRule(line)).join("\n");
}

/** Names and what they stand for: a table without a head, never wrapped. */
export function drawPairs(rows: readonly (readonly string[])[]): string {
  const drawn = new Table({ style: { head: [], border: [] } });
  for (const row of rows) drawn.push([...row]);
  const lines = drawn.toString().split("\n");
  return lines.filter((line) => !isRule(line)).join("\n");
}

/** Rules between rows would double the length. */
function isRule(line: string): boolean {
  return line.startsWith("├");
}

function fitColumns(lines: readonly (readonly string[])[]): readonly number[] {
  const columns = (lines[0] ?? []).map((_, at) => lines.map((line) => line[at] ?? ""));
  const widths = columns.map(longest);
  const least = columns.map((cells) => longest(cells.flatMap((cell) => cell.split(" "))));
  let excess = widths.reduce((total, width) => total + width + AROUND, 1) - WIDEST;
  for (; excess > 0; excess -= 1) {
    const slack = widths.map((width, at) => (width > (least[at] ?? 0) ? width : 0));
    const widest = slack.indexOf(Math.max(...slack));
    if ((slack[widest] ?? 0) === 0) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  return widths;
}

function longest(texts: readonly string[]): number {
  return texts.reduce((most, text) => Math.max(most, text.length), 0);
}
