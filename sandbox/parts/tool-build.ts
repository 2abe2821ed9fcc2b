import { chmodSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { startChild } from "./child-process.ts";
import type { Progress } from "./part.ts";
import { findOnPath } from "./program.ts";
import { toolCacheDirectory } from "./tool-cache.ts";
import type { ToolDescription } from "./tool-description.ts";

/** Builds the pinned version with `go install` and puts it at `target` in one step. Says how long it has been at it every 15 s. */
export async function buildWithGo(tool: ToolDescription, target: string, progress: Progress): Promise<void> {
  const go = findOnPath("go");
  if (go === undefined) throw new Error("Go is not installed");
  const draft = mkdtempSync(`${target}.build-`);
  const started = Date.now();
  const seconds = () => Math.round((Date.now() - started) / 1000);
  progress(`building ${tool.name} ${tool.version} with go install (takes ${tool.buildTime}, once) ...`);
  const heartbeat = setInterval(() => progress(`still building ${tool.name} (${seconds()} s)`), 15_000);
  try {
    const child = await startChild({
      name: `build-${tool.name}`,
      command: go,
      args: ["install", "-trimpath", "-ldflags=-s -w", `${tool.goPackage}@v${tool.version}`],
      runDirectory: join(toolCacheDirectory(), "builds"),
      environment: goEnvironment(draft),
      directory: draft,
    });
    await child.exited;
    const program = join(draft, basename(tool.goPackage));
    try {
      chmodSync(program, 0o755);
    } catch (cause) {
      throw new Error(`it failed after ${seconds()} s:\n${child.lastLines()}`, { cause });
    }
    renameSync(program, target);
    progress(`built ${tool.name} in ${seconds()} s`);
  } finally {
    clearInterval(heartbeat);
    rmSync(draft, { recursive: true, force: true });
  }
}

/** The user's Go settings, less those that would change what is built or where it goes. */
function goEnvironment(binDirectory: string): NodeJS.ProcessEnv {
  const home = process.env.HOME ?? "";
  const cache = toolCacheDirectory();
  return {
    ...process.env,
    GOBIN: binDirectory,
    GOFLAGS: "",
    GOWORK: "off",
    GO111MODULE: "on",
    CGO_ENABLED: "0",
    // A Go older than the module asks for fetches the one it needs.
    GOTOOLCHAIN: process.env.GOTOOLCHAIN ?? "auto",
    ...(home === "" ? { GOPATH: join(cache, "go"), GOCACHE: join(cache, "go-build") } : {}),
  };
}
