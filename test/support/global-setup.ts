import type { TestProject } from "vitest/node";
import { startWatchdog } from "../../sandbox/parts/watchdog.ts";
import { neededTools } from "./needed-tools.ts";
import { type PartsServer, startPartsServer } from "./parts-server.ts";
import { startPostgresServer } from "./postgres-server.ts";
import { clearEarlierRuns, currentRunDirectory } from "./run-directory.ts";
import { sharedPartAt } from "./shared-part-request.ts";
import { toolStarters } from "./tool-starters.ts";

let parts: PartsServer | undefined;
let stopWatchdog: (() => void) | undefined;

/** Opens the run's shared parts. Programs that the chosen tests need are got now; servers start when a test first asks for them. */
export async function setup(project: TestProject): Promise<void> {
  await clearEarlierRuns();
  const runDirectory = currentRunDirectory();
  stopWatchdog = startWatchdog(runDirectory);
  const progress = (line: string) => console.log(line);
  const tools = Object.entries(toolStarters).map(([name, start]) => [name, () => start(progress)]);
  parts = await startPartsServer({ ...Object.fromEntries(tools), postgres: () => startPostgresServer(runDirectory) });
  project.provide("partsUrl", parts.url);
  project.provide("runDirectory", runDirectory);
  for (const name of neededTools(await chosenTestFiles(project))) await sharedPartAt(parts.url, name);
}

/** Stops every shared part that was started. */
export async function teardown(): Promise<void> {
  await parts?.close();
  stopWatchdog?.();
}

/** The files that the command line's filters choose: after `run`, vitest takes every word that is no option as part of a path. */
async function chosenTestFiles(project: TestProject): Promise<readonly string[]> {
  const { testFiles } = await project.globTestFiles();
  const filters = process.argv.slice(3).filter((word) => testFiles.some((file) => file.includes(word)));
  return filters.length === 0 ? testFiles : testFiles.filter((file) => filters.some((word) => file.includes(word)));
}
