import { execFile } from "node:child_process";
import { chmodSync, createWriteStream, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import type { Progress } from "./part.ts";
import type { ToolDescription } from "./tool-description.ts";

const run = promisify(execFile);

/** A server that says nothing for this long is treated as unreachable, so that a machine without internet moves on at once. */
const FIRST_BYTE_MS = 5_000;
const WHOLE_DOWNLOAD_MS = 300_000;

/** Fetches the official archive, unpacks the program and puts it at `target` in one step, so that no half file is ever found there. */
export async function downloadTool(tool: ToolDescription, target: string, progress: Progress): Promise<void> {
  if (tool.archiveUrl === undefined) throw new Error(`no official build for ${process.platform} ${process.arch}`);
  const draft = mkdtempSync(`${target}.download-`);
  try {
    const archive = join(draft, "archive.tar.gz");
    await fetchArchive(tool, archive, progress);
    await run("tar", ["-xzf", archive, "-C", draft]);
    const found = readdirSync(draft, { recursive: true, encoding: "utf8" }).find(
      (path) => path.split("/").at(-1) === tool.name,
    );
    if (found === undefined) throw new Error(`the archive holds no ${tool.name}`);
    const program = join(draft, found);
    chmodSync(program, 0o755);
    await run(program, ["--version"], { timeout: 20_000 });
    renameSync(program, target);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

async function fetchArchive(tool: ToolDescription, archive: string, progress: Progress): Promise<void> {
  const controller = new AbortController();
  const firstByte = setTimeout(() => controller.abort(new Error("no answer in 5 s")), FIRST_BYTE_MS);
  const whole = setTimeout(() => controller.abort(new Error("not finished in 5 minutes")), WHOLE_DOWNLOAD_MS);
  try {
    const response = await fetch(tool.archiveUrl ?? "", { signal: controller.signal });
    clearTimeout(firstByte);
    if (!response.ok || response.body === null) throw new Error(`the server answered ${response.status}`);
    progress(`downloading ${tool.name} ${tool.version} (once)`);
    await pipeline(Readable.fromWeb(response.body), createWriteStream(archive), { signal: controller.signal });
  } catch (error) {
    // fetch hides what went wrong (no name, no route) in its cause.
    throw error instanceof TypeError && error.cause instanceof Error ? error.cause : error;
  } finally {
    clearTimeout(firstByte);
    clearTimeout(whole);
  }
}
