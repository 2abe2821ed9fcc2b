import { isCharge, packCharges, readCharges } from "./charges.ts";
import { BalanceOverflow, LedgerOverloaded, LedgerUnavailable, UnknownAccount } from "./errors.ts";
import type { PostBatch } from "./group-commit.ts";
import { failureCode } from "./lane-connection.ts";
import { postBatch, postCharges, type Query } from "./ledger-store.ts";
import type { Outcome } from "./outcome.ts";
import { packBatch, type ResolvedCommand } from "./pack-batch.ts";
import { readBatch } from "./read-batch.ts";

type Results = readonly PromiseSettledResult<Outcome>[];
type Commands = readonly ResolvedCommand[];

const ATTEMPTS = 5;
/** Another process was quicker (unique key, deadlock, serialisation): the same batch, sent again, sees what it did. */
const RACED = new Set(["23505", "40P01", "40001", "23514"]);
const LOCK_TIMEOUT = "55P03";
/** After a batch that held a replay or a refusal, so many go the careful way at once: what is not clean comes in runs. */
const CAREFUL_BATCHES = 8;

/** Posts a lane's batches over `query`: charges the quick way while they are clean, everything else event by event. */
export function batchPoster(query: Query): PostBatch {
  let careful = 0;
  const charge = async (commands: Commands): Promise<Results> => {
    if (careful === 0) {
      const results = await chargeQuickly(query, commands);
      if (results !== null) return results;
      careful = CAREFUL_BATCHES;
    } else {
      careful -= 1;
    }
    return attempt(query, commands);
  };
  return async (commands) => {
    const groups = groupsOf(commands);
    const results = new Map<ResolvedCommand, PromiseSettledResult<Outcome>>();
    for (const { group, quick } of groups) {
      const answers = quick ? await charge(group) : await attempt(query, group);
      if (groups.length === 1) return answers;
      for (const [index, command] of group.entries())
        results.set(command, answers[index] ?? failed(new Error("a result is missing")));
    }
    return commands.map((command) => results.get(command) ?? failed(new Error("a result is missing")));
  };
}

/** Posts one command on its own, inside a caller's transaction. Failures of the database come as they would from a lane. */
export async function postAlone(query: Query, command: ResolvedCommand): Promise<Outcome> {
  try {
    const [outcome] = await decide(query, [command]);
    if (outcome === undefined) throw new Error("a batch of one answered nothing");
    return outcome;
  } catch (error) {
    throw explained(error);
  }
}

function groupsOf(commands: Commands): readonly { readonly group: Commands; readonly quick: boolean }[] {
  const [metered, bare, others]: [ResolvedCommand[], ResolvedCommand[], ResolvedCommand[]] = [[], [], []];
  for (const command of commands) {
    if (!isCharge(command)) others.push(command);
    else if (command.command.usage === undefined) bare.push(command);
    else metered.push(command);
  }
  const groups = [
    { group: metered, quick: true },
    { group: bare, quick: true },
    { group: others, quick: false },
  ];
  return groups.filter(({ group }) => group.length > 0);
}

/** Answers null where the batch has to be decided event by event. Nothing was posted then. */
async function chargeQuickly(query: Query, commands: Commands): Promise<Results | null> {
  const packed = packCharges(commands);
  try {
    const row = await postCharges(query, packed.parameters);
    return row.base === null ? null : readCharges(packed, row).map(posted);
  } catch (error) {
    return concernsAll(error) ? commands.map(() => failed(explained(error))) : null;
  }
}

/** Tries a batch as a whole, again where it raced another process; any other failure splits it, so one command cannot fail the rest. */
async function attempt(query: Query, commands: Commands): Promise<Results> {
  for (let tries = 1; ; tries += 1) {
    try {
      const outcomes = await decide(query, commands);
      return outcomes.map(posted);
    } catch (error) {
      if (RACED.has(failureCode(error)) && tries < ATTEMPTS) continue;
      if (commands.length === 1 || concernsAll(error)) return commands.map(() => failed(explained(error)));
      const middle = commands.length >> 1;
      const before = await attempt(query, commands.slice(0, middle));
      return [...before, ...(await attempt(query, commands.slice(middle)))];
    }
  }
}

async function decide(query: Query, commands: Commands): Promise<readonly Outcome[]> {
  return readBatch(await postBatch(query, packBatch(commands)));
}

function concernsAll(error: unknown): boolean {
  return error instanceof LedgerUnavailable || failureCode(error) === LOCK_TIMEOUT;
}

function explained(error: unknown): unknown {
  const code = failureCode(error);
  if (code === LOCK_TIMEOUT || RACED.has(code)) return new LedgerOverloaded(error);
  if (code === "22003") return new BalanceOverflow();
  if (code === "23503") return new UnknownAccount();
  return error;
}

function posted(value: Outcome): PromiseFulfilledResult<Outcome> {
  return { status: "fulfilled", value };
}

function failed(reason: unknown): PromiseRejectedResult {
  return { status: "rejected", reason };
}
