import { arrayElements } from "./array-literal.ts";

/** The two columns in which a batch reports crossings: the event (entry number, or minus the position of a refused one) and the name. */
export type CrossingColumns = {
  readonly crossed_events: string | null;
  readonly crossed_names: readonly string[] | null;
};

/** The names crossed by each event, in the order reported. */
export function crossingsByEvent(row: CrossingColumns): ReadonlyMap<number, readonly string[]> {
  const found = new Map<number, string[]>();
  for (const [index, event] of arrayElements(row.crossed_events).entries()) {
    const name = row.crossed_names?.[index];
    if (name === undefined) continue;
    const names = found.get(Number(event));
    if (names === undefined) found.set(Number(event), [name]);
    else names.push(name);
  }
  return found;
}
