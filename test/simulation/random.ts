/** Choices that come from one seed: the same seed, the same choices. */
export type Random = {
  /** A whole number from 0 up to and without `bound`. */
  readonly below: (bound: number) => number;
  readonly chance: (probability: number) => boolean;
  /** One of `options`, each as likely as its weight says. */
  readonly pick: <Value>(options: readonly (readonly [weight: number, value: Value])[]) => Value;
};

/** Opens the generator (mulberry32) of a seed. */
export function openRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  return {
    below: (bound) => Math.floor(next() * bound),
    chance: (probability) => next() < probability,
    pick: (options) => {
      let left = next() * options.reduce((sum, [weight]) => sum + weight, 0);
      for (const [weight, value] of options) {
        left -= weight;
        if (left < 0) return value;
      }
      const [first] = options;
      if (first === undefined) throw new Error("nothing to choose from");
      return first[1];
    },
  };
}
