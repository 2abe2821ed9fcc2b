import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { processStartedAt } from "./parts/process-identity.ts";

const Holder = z.object({ pid: z.number(), startedAt: z.string() });

/** Lets one embedded world run per folder. Throws a sentence when another does; returns the function that lets go. */
export function takeStartLock(folder: string): () => void {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, "start.lock");
  const holder = readHolder(path);
  if (holder !== undefined && processStartedAt(holder.pid) === holder.startedAt) {
    throw new Error(
      `The sandbox of this folder is running already (process ${holder.pid}); its addresses are in ${join(folder, "sandbox.json")}. ` +
        "Stop it with Ctrl-C where it runs, or with a SIGTERM to that process.",
    );
  }
  writeFileSync(path, JSON.stringify({ pid: process.pid, startedAt: processStartedAt(process.pid) ?? "" }));
  return () => rmSync(path, { force: true });
}

function readHolder(path: string): z.infer<typeof Holder> | undefined {
  if (!existsSync(path)) return undefined;
  const holder = Holder.safeParse(JSON.parse(readFileSync(path, "utf8") || "null"));
  return holder.success ? holder.data : undefined;
}
