import { readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { reapOrphans } from "../../sandbox/parts/pid-file.ts";
import { processStartedAt } from "../../sandbox/parts/process-identity.ts";
import { databaseUser, reachableDirectory } from "../../sandbox/parts/reachable-directory.ts";

// Outside the clone: PostgreSQL reaches it as its own user, and `npm start` cleans up only its own folder.
const ALL_RUNS = join(tmpdir(), `tollkeeper-tests-${process.getuid?.() ?? "user"}`);

/** The folder of this test run: logs, pid files and data of the parts it starts. Named after the process, so runs do not meet. */
export function currentRunDirectory(): string {
  return join(ALL_RUNS, runName(process.pid));
}

/** Clears what earlier runs left behind, and ends the processes of one that was killed; runs still going on are left alone. */
export async function clearEarlierRuns(): Promise<void> {
  for (const run of earlierRuns()) {
    await reapOrphans(run);
    rmSync(reachableDirectory(join(run, "postgres"), databaseUser()), { recursive: true, force: true });
    rmSync(run, { recursive: true, force: true });
  }
}

function earlierRuns(): readonly string[] {
  try {
    return readdirSync(ALL_RUNS)
      .filter((name) => runName(Number(basename(name).split("-")[0])) !== name)
      .map((name) => join(ALL_RUNS, name));
  } catch {
    return [];
  }
}

function runName(pid: number): string {
  return `${pid}-${(processStartedAt(pid) ?? "gone").replaceAll(/[^a-zA-Z0-9]/g, "")}`;
}
