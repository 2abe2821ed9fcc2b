import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Progress } from "./parts/part.ts";
import { databaseUser, reachableDirectory } from "./parts/reachable-directory.ts";

// Not the world's: the lock of this very start, and the folders of test runs.
const KEPT = new Set(["start.lock", "tests"]);

/** Wipes all data of the embedded world: databases, chain, buckets, secrets, logs. Only while nothing of it runs. */
export function resetFolder(folder: string, say: Progress): void {
  const postgres = reachableDirectory(join(folder, "postgres"), databaseUser());
  rmSync(postgres, { recursive: true, force: true });
  for (const name of readdirSync(folder)) {
    if (!KEPT.has(name)) rmSync(join(folder, name), { recursive: true, force: true });
  }
  say("wiped .tollkeeper");
}
