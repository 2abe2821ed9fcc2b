import { join } from "node:path";
import type { Progress } from "./part.ts";
import { findOnPath, isExecutable } from "./program.ts";
import { buildWithGo } from "./tool-build.ts";
import { toolCacheDirectory, withCacheLock } from "./tool-cache.ts";
import type { ToolDescription } from "./tool-description.ts";
import { downloadTool } from "./tool-download.ts";

/** A program that can be run, and where it came from in plain words. */
export type Tool = { readonly path: string; readonly source: string };

/** The ways to fetch a tool that is not on this machine; replaced in tests. */
export type ToolFetchers = {
  readonly download: typeof downloadTool;
  readonly build: typeof buildWithGo;
};

/**
 * Finds or makes a program, in this order: the user's variable, PATH, our cache, the official download, `go install`. Fails with one
 * message that names the tool and every way out.
 */
export async function findTool(
  tool: ToolDescription,
  progress: Progress,
  fetchers: ToolFetchers = { download: downloadTool, build: buildWithGo },
): Promise<Tool> {
  const given = process.env[tool.pathVariable] ?? "";
  if (given !== "") {
    if (!isExecutable(given))
      throw new Error(`${tool.pathVariable} is ${given}, which is not a program that can be run.`);
    return { path: given, source: `your ${tool.pathVariable}` };
  }
  const onPath = findOnPath(tool.name);
  if (onPath !== undefined) return { path: onPath, source: `PATH (${onPath})` };
  const cached = join(toolCacheDirectory(), `${tool.name}-${tool.version}`);
  if (isExecutable(cached)) return { path: cached, source: `cache (${cached})` };
  return withCacheLock(`${tool.name}-${tool.version}`, progress, () => fetchTool(tool, cached, progress, fetchers));
}

async function fetchTool(
  tool: ToolDescription,
  target: string,
  progress: Progress,
  fetchers: ToolFetchers,
): Promise<Tool> {
  if (isExecutable(target)) return { path: target, source: `cache (${target})` };
  const failures: string[] = [];
  try {
    await fetchers.download(tool, target, progress);
    return { path: target, source: `official download ${tool.version}, cached` };
  } catch (error) {
    failures.push(`download: ${reason(error)}`);
  }
  try {
    await fetchers.build(tool, target, progress);
    return { path: target, source: `built with go install, version ${tool.version}, cached` };
  } catch (error) {
    failures.push(`go install: ${reason(error)}`);
  }
  throw new Error(missingToolMessage(tool, failures));
}

function missingToolMessage(tool: ToolDescription, failures: readonly string[]): string {
  return [
    `${tool.name} is missing: it is not on PATH and could not be had (${failures.join("; ")}). Any one of these helps:`,
    `  1. install ${tool.name} ${tool.version} so that it is on PATH, or name the binary with ${tool.pathVariable}`,
    `  2. install Go, then run this again: it builds ${tool.name} by itself (${tool.buildTime}, once)`,
    `  3. ${tool.alternative}`,
  ].join("\n");
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
