import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { findTool, type ToolFetchers } from "../../../sandbox/parts/tool.ts";
import type { ToolDescription } from "../../../sandbox/parts/tool-description.ts";
import { downloadTool } from "../../../sandbox/parts/tool-download.ts";

const TOOL: ToolDescription = {
  name: "pretend",
  version: "1.2.3",
  pathVariable: "PRETEND_PATH",
  archiveUrl: undefined,
  goPackage: "example.org/pretend/cmd/pretend",
  buildTime: "about 3 minutes",
  alternative: "point PRETEND_ADDRESS at one you run already",
};

let home: string;
const lines: string[] = [];
const progress = (line: string) => void lines.push(line);

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "tollkeeper-tool-"));
  mkdirSync(join(home, "bin"));
  vi.stubEnv("XDG_CACHE_HOME", join(home, "cache"));
  vi.stubEnv("PATH", join(home, "bin"));
  vi.stubEnv("PRETEND_PATH", "");
  lines.length = 0;
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(home, { recursive: true, force: true });
});

function program(path: string): string {
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, "#!/bin/sh\necho 1.2.3\n");
  chmodSync(path, 0o755);
  return path;
}

function fetchers(outcome: {
  readonly download: boolean;
  readonly build: boolean;
}): ToolFetchers & { readonly calls: string[] } {
  const calls: string[] = [];
  const fetcher = (name: "download" | "build") => async (_tool: ToolDescription, target: string) => {
    calls.push(name);
    await pause(20);
    if (!outcome[name]) throw new Error(`${name} is not possible here`);
    program(target);
  };
  return { calls, download: fetcher("download"), build: fetcher("build") };
}

const nothing = { download: false, build: false };

it("takes the user's own binary before anything else", async () => {
  const path = program(join(home, "own", "pretend"));
  program(join(home, "bin", "pretend"));
  vi.stubEnv("PRETEND_PATH", path);
  expect(await findTool(TOOL, progress, fetchers(nothing))).toEqual({ path, source: "your PRETEND_PATH" });
});

it("refuses a variable that names no program instead of quietly taking another", async () => {
  vi.stubEnv("PRETEND_PATH", join(home, "nowhere"));
  program(join(home, "bin", "pretend"));
  await expect(findTool(TOOL, progress, fetchers(nothing))).rejects.toThrow(/PRETEND_PATH is .*nowhere/);
});

it("takes the one on PATH before the cache", async () => {
  program(join(home, "cache", "tollkeeper", "pretend-1.2.3"));
  const path = program(join(home, "bin", "pretend"));
  expect((await findTool(TOOL, progress, fetchers(nothing))).path).toBe(path);
});

it("takes the cached one before it fetches", async () => {
  const path = program(join(home, "cache", "tollkeeper", "pretend-1.2.3"));
  const ways = fetchers({ download: true, build: true });
  expect((await findTool(TOOL, progress, ways)).path).toBe(path);
  expect(ways.calls).toEqual([]);
});

it("downloads before it builds, and finds the result in the cache the next time", async () => {
  const ways = fetchers({ download: true, build: true });
  expect((await findTool(TOOL, progress, ways)).source).toMatch(/^official download 1.2.3/);
  expect((await findTool(TOOL, progress, ways)).source).toMatch(/^cache/);
  expect(ways.calls).toEqual(["download"]);
});

it("builds where nothing can be downloaded", async () => {
  const ways = fetchers({ download: false, build: true });
  expect((await findTool(TOOL, progress, ways)).source).toMatch(/^built with go install, version 1.2.3/);
  expect(ways.calls).toEqual(["download", "build"]);
});

it("fetches once for two starts at the same time", async () => {
  const ways = fetchers({ download: false, build: true });
  const both = await Promise.all([findTool(TOOL, progress, ways), findTool(TOOL, progress, ways)]);
  expect(new Set(both.map(({ path }) => path)).size).toBe(1);
  expect(ways.calls).toEqual(["download", "build"]);
});

it("takes over the lock of a process that is gone", async () => {
  mkdirSync(join(home, "cache", "tollkeeper"), { recursive: true });
  const lock = join(home, "cache", "tollkeeper", "pretend-1.2.3.lock");
  writeFileSync(lock, JSON.stringify({ pid: process.pid, startedAt: "an earlier process" }));
  await expect(findTool(TOOL, progress, fetchers({ download: true, build: false }))).resolves.toBeDefined();
});

it("names the missing program and three ways out in one message", async () => {
  const failure = await findTool(TOOL, progress, fetchers(nothing)).catch((error: unknown) => String(error));
  expect(failure).toContain("pretend is missing");
  expect(failure).toContain("download: download is not possible here; go install: build is not possible here");
  expect(failure).toMatch(/1\. install pretend 1\.2\.3 .* PRETEND_PATH/);
  expect(failure).toMatch(/2\. install Go/);
  expect(failure).toContain("3. point PRETEND_ADDRESS at one you run already");
});

it("gives up on an unreachable download server at once", async () => {
  // Port 9 of loopback: nobody listens there.
  const tool = { ...TOOL, archiveUrl: "http://127.0.0.1:9/pretend.tar.gz" };
  const started = Date.now();
  await expect(downloadTool(tool, join(home, "pretend"), progress)).rejects.toThrow();
  expect(Date.now() - started).toBeLessThan(30_000);
});
