/** A PostgreSQL array of values that need no quoting: numbers, uuids, timestamps, and null. */
export function arrayLiteral(values: readonly (string | number | bigint | null)[]): string {
  return `{${values.map((value) => value ?? "NULL").join(",")}}`;
}

/** A PostgreSQL array of texts; an absent one is null. */
export function textArrayLiteral(values: readonly (string | null | undefined)[]): string {
  return `{${values.map((value) => (value === null || value === undefined ? "NULL" : quoted(value))).join(",")}}`;
}

/** The elements of a PostgreSQL array of numbers as text; null elements read "NULL". */
export function arrayElements(literal: string | null): readonly string[] {
  return literal === null || literal === "{}" ? [] : literal.slice(1, -1).split(",");
}

function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, "\\$&")}"`;
}
