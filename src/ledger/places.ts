/** Numbers distinct ids from 1, in ascending order: batches lock accounts in this order and name them by these numbers. */
export function numbered(ids: Iterable<number>): ReadonlyMap<number, number> {
  return new Map([...new Set(ids)].sort((a, b) => a - b).map((id, index) => [id, index + 1]));
}
