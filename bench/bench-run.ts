import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openNarrator } from "../sandbox/narrator.ts";
import { startWatchdog } from "../sandbox/parts/watchdog.ts";
import { prepareShutdown, type Shutdown } from "../sandbox/shutdown.ts";

/** What every bench runs in: a folder that is gone afterwards, and what stops its processes when somebody presses Ctrl-C. */
export type BenchRun = {
  readonly folder: string;
  readonly shutdown: Shutdown;
  readonly progress: (line: string) => void;
};

/** Runs a bench and cleans up after it: at its end, on Ctrl-C (exit code 130), and, by a watchdog, when it is killed outright. */
export async function runBench(use: (run: BenchRun) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "tollkeeper-bench-"));
  // PostgreSQL, which runs as a user of its own where we are root, must pass through to its data.
  chmodSync(folder, 0o711);
  const forget = () => rmSync(folder, { recursive: true, force: true });
  const narrator = openNarrator(process.stderr);
  const interrupted = () => {
    process.exitCode = 130;
  };
  const shutdown = prepareShutdown(narrator, {
    first: interrupted,
    last: forget,
    farewell: "stopped, nothing is kept",
  });
  const stopWatchdog = startWatchdog(folder);
  try {
    await use({ folder, shutdown, progress: narrator.say });
    if (shutdown.isUnderWay()) await foreverWaiting();
  } catch (error) {
    // Everything is being pulled away from under the bench: its failure is no news, and the shutdown ends the process.
    if (shutdown.isUnderWay()) await foreverWaiting();
    throw error;
  } finally {
    stopWatchdog();
    forget();
  }
}

function foreverWaiting(): Promise<never> {
  return new Promise(() => undefined);
}
