import { LedgerOverloaded } from "./errors.ts";
import type { Outcome } from "./outcome.ts";
import type { ResolvedCommand } from "./pack-batch.ts";

/** Commits what waits as one batch whenever a connection is idle; no timer ever delays a lone command. */
export type CommitQueue = {
  /** Answers the command's own outcome. Rejects with {@link LedgerOverloaded} where too much waits. */
  readonly submit: (resolved: ResolvedCommand) => Promise<Outcome>;
  /** Resolves once nothing waits any more. */
  readonly drained: () => Promise<void>;
};

/** Posts one batch and answers one settled result per command, in order. It never rejects. */
export type PostBatch = (commands: readonly ResolvedCommand[]) => Promise<readonly PromiseSettledResult<Outcome>[]>;

/** `worthAnother` commands have to wait before a further lane takes a batch while one is at work already. */
export type QueueLimits = {
  readonly largestBatch: number;
  readonly longestQueue: number;
  readonly worthAnother: number;
};

type Waiting = {
  readonly resolved: ResolvedCommand;
  readonly fulfil: (outcome: Outcome) => void;
  readonly refuse: (reason: unknown) => void;
};

/**
 * One queue before one or more lanes. While a batch is under way the next one gathers, up to `largestBatch`; more than `longestQueue`
 * is refused. Few large batches beat many small ones, so a second lane only helps out when enough waits for it.
 */
export function openCommitQueue(lanes: readonly PostBatch[], limits: QueueLimits): CommitQueue {
  const queue: Waiting[] = [];
  const running = new Map<PostBatch, Promise<void>>();
  const isWorth = (others: number) => queue.length > 0 && (others === 0 || queue.length >= limits.worthAnother);
  const run = async (post: PostBatch) => {
    await new Promise((resolve) => setImmediate(resolve));
    while (isWorth(running.size - 1)) {
      const batch = queue.splice(0, limits.largestBatch);
      settle(batch, await post(batch.map(({ resolved }) => resolved)));
    }
    running.delete(post);
  };
  const start = () => {
    if (!isWorth(running.size)) return;
    const idle = lanes.find((lane) => !running.has(lane));
    if (idle !== undefined) running.set(idle, run(idle));
  };
  return {
    submit: (resolved) => {
      if (queue.length >= limits.longestQueue) return Promise.reject(new LedgerOverloaded());
      return new Promise((fulfil, refuse) => {
        queue.push({ resolved, fulfil, refuse });
        start();
      });
    },
    drained: async () => {
      while (running.size > 0) await Promise.all(running.values());
    },
  };
}

function settle(batch: readonly Waiting[], results: readonly PromiseSettledResult<Outcome>[]): void {
  for (const [index, { fulfil, refuse }] of batch.entries()) {
    const result = results[index];
    if (result?.status === "fulfilled") fulfil(result.value);
    else refuse(result?.reason ?? new Error("a batch answered fewer results than it had commands"));
  }
}
