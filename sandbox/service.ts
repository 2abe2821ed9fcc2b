import { setTimeout as pause } from "node:timers/promises";
import { type Child, type ChildOptions, startChild } from "./parts/child-process.ts";
import type { Progress } from "./parts/part.ts";

/** One of our own processes, restarted when it dies. */
export type Service = {
  readonly name: string;
  /** How often it has died by itself. */
  readonly deaths: () => number;
  readonly lastLines: () => string;
  readonly stop: () => Promise<void>;
};

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;
/** A process that lived this long has come up well: the next death starts with the short wait again. */
const STEADY_MS = 60_000;

type State = { child: Child; stopping: boolean; deaths: number };

/** Starts a process and starts it again whenever it ends by itself, waiting longer each time (0.5 s to 30 s), and says so. */
export async function startService(options: ChildOptions, say: Progress): Promise<Service> {
  const state: State = { child: await startChild(options), stopping: false, deaths: 0 };
  const ended = new AbortController();
  const watching = watch(options, state, { say, signal: ended.signal });
  return {
    name: options.name,
    deaths: () => state.deaths,
    lastLines: () => state.child.lastLines(),
    stop: async () => {
      state.stopping = true;
      ended.abort();
      await watching;
      await state.child.stop();
    },
  };
}

async function watch(
  options: ChildOptions,
  state: State,
  needs: { readonly say: Progress; readonly signal: AbortSignal },
): Promise<void> {
  let wait = FIRST_WAIT_MS;
  for (;;) {
    const started = Date.now();
    const reason = await Promise.race([state.child.exited, aborted(needs.signal)]);
    if (reason === undefined || state.stopping) return;
    state.deaths += 1;
    if (Date.now() - started > STEADY_MS) wait = FIRST_WAIT_MS;
    needs.say(`${reason}; starting it again in ${wait / 1000} s. Its last lines:\n${state.child.lastLines()}`);
    await pause(wait, undefined, { signal: needs.signal }).catch(() => undefined);
    if (state.stopping) return;
    wait = Math.min(wait * 2, LONGEST_WAIT_MS);
    state.child = await startChild(options);
  }
}

function aborted(signal: AbortSignal): Promise<undefined> {
  if (signal.aborted) return Promise.resolve(undefined);
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(undefined), { once: true }));
}
