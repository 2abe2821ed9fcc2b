import type { TestProject } from "vitest/node";
import { type PartsServer, startPartsServer } from "./parts-server.ts";
import { startPostgresServer } from "./postgres-server.ts";
import { clearEarlierRuns, currentRunDirectory } from "./run-directory.ts";

let parts: PartsServer | undefined;

/** Opens the run's shared parts; each starts when a test first asks for it. */
export async function setup(project: TestProject): Promise<void> {
  await clearEarlierRuns();
  const runDirectory = currentRunDirectory();
  parts = await startPartsServer({ postgres: () => startPostgresServer(runDirectory) });
  project.provide("partsUrl", parts.url);
  project.provide("runDirectory", runDirectory);
}

/** Stops every shared part that was started. */
export async function teardown(): Promise<void> {
  await parts?.close();
}
