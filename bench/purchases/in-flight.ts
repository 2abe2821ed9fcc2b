/** Runs `work` for each index up to `count`, at most `most` at a time, and answers the results in the order they came. */
export async function inFlight<Result>(
  { count, most }: { readonly count: number; readonly most: number },
  work: (index: number) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  let next = 0;
  const lane = async () => {
    for (let index = next++; index < count; index = next++) results.push(await work(index));
  };
  await Promise.all(Array.from({ length: Math.min(most, count) }, lane));
  return results;
}
