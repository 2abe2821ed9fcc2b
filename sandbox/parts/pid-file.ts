import { type Dirent, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { z } from "zod";
import { processStartedAt } from "./process-identity.ts";

const PidRecord = z.object({ name: z.string(), pid: z.number().int().positive(), startedAt: z.string() });

const GONE = new Set(["ENOENT", "ENOTDIR"]);

/** Notes that `pid` is ours, so that the next start can end it if this one is killed. Returns the function that forgets it. */
export function writePidFile(runDirectory: string, name: string, pid: number): () => void {
  const directory = join(runDirectory, "pids");
  mkdirSync(directory, { recursive: true });
  const path = join(directory, `${name}-${pid}.json`);
  writeFileSync(path, JSON.stringify({ name, pid, startedAt: processStartedAt(pid) ?? "" }));
  return () => rmSync(path, { force: true });
}

/**
 * Ends every process group noted in a pid file anywhere under `runDirectory` that still runs, with SIGKILL, and returns the names of
 * those it ended. A pid that was handed to another process since is left alone.
 */
export async function reapOrphans(runDirectory: string): Promise<readonly string[]> {
  const reaped: string[] = [];
  for (const path of pidFiles(runDirectory)) {
    const record = readRecord(path);
    if (record !== undefined && processStartedAt(record.pid) === record.startedAt) {
      await killGroup(record.pid, record.startedAt);
      reaped.push(record.name);
    }
    rmSync(path, { force: true });
  }
  return reaped;
}

/** Other runs make and remove their folders under the same roof at any moment: a folder that is gone holds nothing. */
function pidFiles(folder: string): readonly string[] {
  return entriesOf(folder).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return pidFiles(path);
    return basename(folder) === "pids" && entry.name.endsWith(".json") ? [path] : [];
  });
}

function entriesOf(folder: string): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    if (error instanceof Error && "code" in error && GONE.has(String(error.code))) return [];
    throw error;
  }
}

function readRecord(path: string): z.infer<typeof PidRecord> | undefined {
  try {
    return PidRecord.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch {
    return undefined;
  }
}

async function killGroup(pid: number, startedAt: string): Promise<void> {
  signalGroup(pid, "SIGKILL");
  for (let attempt = 0; attempt < 100 && processStartedAt(pid) === startedAt; attempt += 1) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Signals the whole process group led by `pid`; a group that is gone already is no error. */
export function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // The group is gone: there is nothing left to signal.
  }
}
