import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import type { Progress } from "./part.ts";
import { processStartedAt } from "./process-identity.ts";

const Holder = z.object({ pid: z.number(), startedAt: z.string() });

/** Where downloaded and built programs are kept, outside every clone: `$XDG_CACHE_HOME/tollkeeper`, else `~/.cache/tollkeeper`. */
export function toolCacheDirectory(): string {
  const base = process.env.XDG_CACHE_HOME ?? "";
  const directory = join(base === "" ? join(homedir(), ".cache") : base, "tollkeeper");
  mkdirSync(directory, { recursive: true });
  return directory;
}

/**
 * Runs `work` while no other process holds the lock `name` in the cache: two starts never build the same program twice. A lock whose
 * holder is gone is taken over.
 */
export async function withCacheLock<Result>(
  name: string,
  progress: Progress,
  work: () => Promise<Result>,
): Promise<Result> {
  const lock = join(toolCacheDirectory(), `${name}.lock`);
  for (let announced = false; !takeLock(lock); announced = true) {
    if (!announced) progress(`waiting for another process that is getting ${name}`);
    await pause(250);
  }
  try {
    return await work();
  } finally {
    rmSync(lock, { force: true });
  }
}

function takeLock(lock: string): boolean {
  try {
    const self = { pid: process.pid, startedAt: processStartedAt(process.pid) ?? "" };
    // "wx" creates the file or fails: the one atomic step.
    writeFileSync(lock, JSON.stringify(self), { flag: "wx" });
    return true;
  } catch {
    if (!holderIsAlive(lock)) rmSync(lock, { force: true });
    return false;
  }
}

function holderIsAlive(lock: string): boolean {
  try {
    const holder = Holder.parse(JSON.parse(readFileSync(lock, "utf8")));
    return processStartedAt(holder.pid) === holder.startedAt;
  } catch {
    return false;
  }
}
