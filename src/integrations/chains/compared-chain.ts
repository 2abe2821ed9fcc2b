import type { BlockReference, Chain, TokenTransfer } from "./chain.ts";

/**
 * A chain read through several providers. `either` answers what any of them can; what it answers is only for finding things and going on while
 * one is dead. Here they are put together so that none of them alone can hide a transfer or make a block look deeper, and `witnesses` keeps
 * each by itself for those who credit: they have to say the same.
 */
export function compareProviders(either: Chain, witnesses: readonly Chain[]): Chain {
  const { network } = either;
  return {
    ...either,
    witnesses,
    readHead: async () => lowestHead(await askAll(witnesses, (chain) => chain.readHead()), network.reorgWindowBlocks),
    readBlockHash: (blockNumber) => firstKnown(witnesses, (chain) => chain.readBlockHash(blockNumber)),
    readReceipt: (hash) => firstKnown(witnesses, (chain) => chain.readReceipt(hash)),
    readTransfers: async (range) => unite(await askAll(witnesses, (chain) => chain.readTransfers(range))),
    ...(either.readAnyTransfers === undefined
      ? {}
      : {
          readAnyTransfers: async (range) =>
            unite(await askAll(witnesses, async (chain) => (await chain.readAnyTransfers?.(range)) ?? [])),
        }),
  };
}

/** What those say that answer. Throws what the first said when none does. */
async function askAll<Answer>(
  witnesses: readonly Chain[],
  ask: (chain: Chain) => Promise<Answer>,
): Promise<readonly Answer[]> {
  const answers = await Promise.allSettled(witnesses.map(ask));
  const given = answers.flatMap((answer) => (answer.status === "fulfilled" ? [answer.value] : []));
  const [first] = answers;
  if (given.length === 0 && first?.status === "rejected") throw first.reason;
  return given;
}

/** The first answer that is one, in the order of the providers; undefined when those that answer know nothing. */
async function firstKnown<Answer>(
  witnesses: readonly Chain[],
  ask: (chain: Chain) => Promise<Answer | undefined>,
): Promise<Answer | undefined> {
  const failures: unknown[] = [];
  for (const chain of witnesses) {
    try {
      const answer = await ask(chain);
      if (answer !== undefined) return answer;
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length === witnesses.length) throw failures[0];
  return undefined;
}

/** The lower head, so no provider alone makes blocks look deep; one that is far behind is left behind, and credits wait for it. */
function lowestHead(heads: readonly BlockReference[], tolerance: number): BlockReference {
  const [lowest, ...higher] = [...heads].sort((one, other) => one.number - other.number);
  const highest = higher.at(-1) ?? lowest;
  if (lowest === undefined || highest === undefined) throw new Error("No provider was asked for its head.");
  return highest.number - lowest.number > tolerance ? highest : lowest;
}

/** Each transfer once, whoever knows it. */
function unite(lists: readonly (readonly TokenTransfer[])[]): readonly TokenTransfer[] {
  const byPlace = new Map<string, TokenTransfer>();
  for (const transfer of lists.flat()) {
    byPlace.set(`${transfer.block.hash} ${transfer.transactionHash} ${transfer.position}`, transfer);
  }
  return [...byPlace.values()];
}
