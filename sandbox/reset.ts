import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Progress } from "./parts/part.ts";
import { databaseUser, reachableDirectory } from "./parts/reachable-directory.ts";

/** Wipes all data of the embedded world: databases, chain, buckets, secrets, logs. Only while nothing of it runs. */
export function resetFolder(folder: string, say: Progress): void {
  const postgres = reachableDirectory(join(folder, "postgres"), databaseUser());
  rmSync(postgres, { recursive: true, force: true });
  for (const name of readdirSync(folder)) {
    // The lock is of this very start.
    if (name !== "start.lock") rmSync(join(folder, name), { recursive: true, force: true });
  }
  say(`wiped ${folder}`);
}
