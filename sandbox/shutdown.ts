import type { Narrator } from "./narrator.ts";
import { stopAllChildren } from "./parts/child-process.ts";

/** Something that is up and must be stopped: ours first, then what it stands on. */
export type Stoppable = { readonly name: string; readonly stop: () => Promise<void> };

/** Ends the world once, in the order opposite to its start, and then the process. */
export type Shutdown = {
  readonly add: (...things: readonly Stoppable[]) => void;
  readonly isUnderWay: () => boolean;
  readonly end: (exitCode: number, why: string) => void;
};

const ECHO_MS = 2_000;

/**
 * Stops everything on SIGINT, SIGTERM or SIGHUP, or when npm, which started us, is gone. A second signal does not wait. `first` is run
 * before anything is stopped, `last` at the very end, also when something would not stop; `farewell` is what is said in between.
 */
export function prepareShutdown(
  narrator: Narrator,
  hooks: { readonly first: () => void; readonly last: () => void; readonly farewell?: string },
): Shutdown {
  const farewell = hooks.farewell ?? "stopped; the data is kept";
  const things: Stoppable[] = [];
  let startedAt: number | undefined;
  const end = (exitCode: number, why: string) => {
    if (startedAt !== undefined) {
      // One Ctrl-C arrives twice: from the terminal and passed on by npm. Only a later one is a person's second.
      if (Date.now() - startedAt > ECHO_MS) process.exit(130);
      return;
    }
    startedAt = Date.now();
    hooks.first();
    narrator.say(why);
    stopAll(things)
      .then(() => narrator.say(farewell))
      .catch((error: unknown) => narrator.say(`not everything stopped cleanly: ${String(error)}`))
      .finally(() => {
        hooks.last();
        process.exit(exitCode === 0 ? (process.exitCode ?? 0) : exitCode);
      });
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => end(0, "stopping (once more to stop at once) ..."));
  }
  watchParent(() => end(0, "npm, which started this, is gone: stopping ..."));
  return { add: (...added) => void things.push(...added), isUnderWay: () => startedAt !== undefined, end };
}

async function stopAll(things: readonly Stoppable[]): Promise<void> {
  for (const thing of things.toReversed()) await thing.stop();
  // What was still starting when the stop came.
  await stopAllChildren();
}

/** npm passes signals on through a shell that may not: when our parent changes, npm was ended and we are to end too. */
function watchParent(gone: () => void): void {
  if (process.env.npm_lifecycle_event === undefined) return;
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) gone();
  }, 1_000).unref();
}
