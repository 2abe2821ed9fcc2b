import { LedgerOverloaded } from "./errors.ts";
import type { Outcome } from "./outcome.ts";
import type { ResolvedCommand } from "./pack-batch.ts";

/** Commits what waits as one batch whenever its connection is idle; no timer ever delays a lone command. */
export type Lane = {
  /** Answers the command's own outcome. Rejects with {@link LedgerOverloaded} where too much waits. */
  readonly submit: (resolved: ResolvedCommand) => Promise<Outcome>;
  /** Resolves once nothing waits any more. */
  readonly drained: () => Promise<void>;
};

/** Posts one batch and answers one settled result per command, in order. It never rejects. */
export type PostBatch = (commands: readonly ResolvedCommand[]) => Promise<readonly PromiseSettledResult<Outcome>[]>;

type Waiting = {
  readonly resolved: ResolvedCommand;
  readonly fulfil: (outcome: Outcome) => void;
  readonly refuse: (reason: unknown) => void;
};

/** A lane over `post`: while one batch is under way the next one gathers, up to `largestBatch`; more than `longestQueue` is refused. */
export function openLane(
  post: PostBatch,
  limits: { readonly largestBatch: number; readonly longestQueue: number },
): Lane {
  const queue: Waiting[] = [];
  let running: Promise<void> | null = null;
  const run = async () => {
    // Callers just answered often call again at once: waiting for them one turn of the loop doubles a batch and costs microseconds.
    for (await nextTurn(); queue.length > 0; await nextTurn()) {
      const batch = queue.splice(0, limits.largestBatch);
      settle(batch, await post(batch.map(({ resolved }) => resolved)));
    }
    running = null;
  };
  return {
    submit: (resolved) => {
      if (queue.length >= limits.longestQueue) return Promise.reject(new LedgerOverloaded());
      return new Promise((fulfil, refuse) => {
        queue.push({ resolved, fulfil, refuse });
        running ??= run();
      });
    },
    drained: () => running ?? Promise.resolve(),
  };
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function settle(batch: readonly Waiting[], results: readonly PromiseSettledResult<Outcome>[]): void {
  for (const [index, { fulfil, refuse }] of batch.entries()) {
    const result = results[index];
    if (result?.status === "fulfilled") fulfil(result.value);
    else refuse(result?.reason ?? new Error("a batch answered fewer results than it had commands"));
  }
}
