import { setTimeout as pause } from "node:timers/promises";
import type { Part, Progress } from "./part.ts";

/** How to start a part, the same way each time: on the same port, with the same data. */
export type Keeping<Kept extends Part> = {
  readonly start: () => Promise<Kept>;
  readonly say: Progress;
  /** How long a part must have been up to be started again when it dies; default 5,000. */
  readonly steadyMs?: number;
};

const WAIT_MS = 500;
const STEADY_MS = 5_000;

/**
 * Starts a part, and starts it again when it dies by itself: then everything that stands on it waits and goes on. Its `died` settles
 * only when there is no use in that: it died soon after a start, or does not start again.
 */
export async function keepPart<Kept extends Part>(keeping: Keeping<Kept>): Promise<Kept> {
  const first = await keeping.start();
  const ending = new AbortController();
  const kept = { part: first, restarting: Promise.resolve() };
  const died = watch(keeping, kept, ending.signal);
  const stop = async () => {
    ending.abort();
    await kept.restarting;
    await kept.part.stop();
  };
  return { ...first, died, stop };
}

async function watch<Kept extends Part>(
  { start, say, steadyMs = STEADY_MS }: Keeping<Kept>,
  kept: { part: Kept; restarting: Promise<void> },
  ending: AbortSignal,
): Promise<string> {
  for (;;) {
    const startedAt = Date.now();
    const reason = await kept.part.died;
    if (ending.aborted || Date.now() - startedAt < steadyMs) return reason;
    say(`died; starting it again: ${reason}`);
    const again = restart(kept.part, start);
    kept.restarting = again.then(
      (part) => void Object.assign(kept, { part }),
      () => undefined,
    );
    try {
      await again;
    } catch (error) {
      return `${reason}\n${error instanceof Error ? error.message : String(error)}`;
    }
    await kept.restarting;
    say("up again");
  }
}

async function restart<Kept extends Part>(dead: Kept, start: () => Promise<Kept>): Promise<Kept> {
  await dead.stop();
  await pause(WAIT_MS);
  return start();
}
