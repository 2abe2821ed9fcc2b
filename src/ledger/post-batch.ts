import { BalanceOverflow, LedgerOverloaded, LedgerUnavailable, UnknownAccount } from "./errors.ts";
import type { PostBatch } from "./group-commit.ts";
import { failureCode } from "./lane-connection.ts";
import { postBatch, type Query } from "./ledger-store.ts";
import type { Outcome } from "./outcome.ts";
import { isPlain, packBatch, type ResolvedCommand } from "./pack-batch.ts";
import { readBatch } from "./read-batch.ts";

type Results = readonly PromiseSettledResult<Outcome>[];

const ATTEMPTS = 5;
/** Another process was quicker (unique key, deadlock, serialisation): the same batch, sent again, sees what it did. */
const RACED = new Set(["23505", "40P01", "40001", "23514"]);
const LOCK_TIMEOUT = "55P03";

/** Posts a lane's batches over `query`: the plain commands in one call, the others in a second. */
export function batchPoster(query: Query): PostBatch {
  return async (commands) => {
    const plain = commands.map(isPlain);
    const count = plain.filter(Boolean).length;
    if (count === commands.length || count === 0) return attempt(query, commands, count > 0);
    const simple = await attempt(
      query,
      commands.filter((_, index) => plain[index] === true),
      true,
    );
    const other = await attempt(
      query,
      commands.filter((_, index) => plain[index] === false),
      false,
    );
    const [simples, others] = [simple.values(), other.values()];
    return plain.map(
      (isSimple) => (isSimple ? simples : others).next().value ?? failed(new Error("a result is missing")),
    );
  };
}

/** Posts one command on its own, inside a caller's transaction. Failures of the database come as they would from a lane. */
export async function postAlone(query: Query, command: ResolvedCommand): Promise<Outcome> {
  try {
    return await postOnce(query, [command], isPlain(command)).then(
      ([outcome]) => outcome ?? Promise.reject(new Error("no outcome")),
    );
  } catch (error) {
    throw explained(error);
  }
}

/** Tries a batch as a whole, again where it raced another process; any other failure splits it, so one command cannot fail the rest. */
async function attempt(query: Query, commands: readonly ResolvedCommand[], plain: boolean): Promise<Results> {
  for (let tries = 1; ; tries += 1) {
    try {
      const outcomes = await postOnce(query, commands, plain);
      return outcomes.map((value) => ({ status: "fulfilled", value }));
    } catch (error) {
      if (RACED.has(failureCode(error)) && tries < ATTEMPTS) continue;
      if (commands.length === 1 || concernsAll(error)) return commands.map(() => failed(explained(error)));
      const middle = commands.length >> 1;
      const before = await attempt(query, commands.slice(0, middle), plain);
      return [...before, ...(await attempt(query, commands.slice(middle), plain))];
    }
  }
}

async function postOnce(
  query: Query,
  commands: readonly ResolvedCommand[],
  plain: boolean,
): Promise<readonly Outcome[]> {
  const packed = packBatch(commands, plain);
  return readBatch(packed, await postBatch(query, packed));
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

function failed(reason: unknown): PromiseRejectedResult {
  return { status: "rejected", reason };
}
