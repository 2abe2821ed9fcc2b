/** Above this many amounts leaving, not every sum of them is tried any more, only the range they can make. */
const MOST_COMBINED = 10;

/**
 * Whether a difference between what a place holds and what the books expect of it is explained by transfers under way: each of `leaving`
 * may be gone, and of what is `arriving` any part may be there (a token may deliver less than it announced). Token base units. Pure.
 */
export function isExplained(input: {
  readonly difference: bigint;
  readonly arriving: readonly bigint[];
  readonly leaving: readonly bigint[];
}): boolean {
  const { difference, arriving, leaving } = input;
  const mayArrive = sum(arriving);
  const fits = (gone: bigint) => difference + gone >= 0n && difference + gone <= mayArrive;
  if (leaving.length > MOST_COMBINED) return difference <= mayArrive && -difference <= sum(leaving);
  let gone = [0n];
  for (const units of leaving) gone = [...gone, ...gone.map((sofar) => sofar + units)];
  return gone.some(fits);
}

function sum(amounts: readonly bigint[]): bigint {
  return amounts.reduce((total, units) => total + units, 0n);
}
