/**
 * Repeats a deletion of at most `size` rows until one finds fewer, and answers how many went in all. Each commits by itself, so that no
 * lock is held for long and a call that is killed has done what it has done.
 */
export async function purgeInBatches(size: number, purge: (limit: number) => Promise<number>): Promise<number> {
  for (let purged = 0; ; ) {
    const deleted = await purge(size);
    purged += deleted;
    if (deleted < size) return purged;
  }
}
