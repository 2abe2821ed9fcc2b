import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { afterEach, beforeEach, expect, it } from "vitest";
import { reapOrphans, writePidFile } from "../../../sandbox/parts/pid-file.ts";
import { processStartedAt } from "../../../sandbox/parts/process-identity.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "tollkeeper-pids-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function sleeper(): ChildProcess & { readonly pid: number } {
  // A shell with a child of its own: the whole group must go.
  const child = spawn("/bin/sh", ["-c", "sleep 300 & echo $! > child.pid; wait"], {
    detached: true,
    cwd: directory,
    stdio: "ignore",
  });
  if (child.pid === undefined) throw new Error("no pid");
  return Object.assign(child, { pid: child.pid });
}

async function grandchild(): Promise<number> {
  for (const file = join(directory, "child.pid"); ; await pause(10)) {
    const pid = existsSync(file) ? Number(readFileSync(file, "utf8")) : 0;
    if (pid > 0) return pid;
  }
}

it("ends what an earlier start left behind, with everything it had started", async () => {
  const child = sleeper();
  const exited = once(child, "exit");
  const below = await grandchild();
  writePidFile(directory, "left-over", child.pid);
  expect(await reapOrphans(directory)).toEqual(["left-over"]);
  await exited;
  expect(processStartedAt(child.pid)).toBeUndefined();
  for (let wait = 0; wait < 100 && processStartedAt(below) !== undefined; wait += 1) await pause(10);
  expect(processStartedAt(below)).toBeUndefined();
  expect(readdirSync(join(directory, "pids"))).toEqual([]);
});

it("is not disturbed by other runs that make and remove their folders at the same moment", async () => {
  const churn = new Worker(
    `const { mkdirSync, rmSync } = require("node:fs");
     const { workerData, parentPort } = require("node:worker_threads");
     for (let round = 0; ; round += 1) {
       const folder = workerData + "/run-" + (round % 8);
       mkdirSync(folder + "/parts/pids", { recursive: true });
       rmSync(folder, { recursive: true, force: true });
       if (round === 0) parentPort.postMessage("begun");
     }`,
    { eval: true, workerData: directory },
  );
  try {
    await once(churn, "message");
    for (let round = 0; round < 300; round += 1) expect(await reapOrphans(directory)).toEqual([]);
  } finally {
    await churn.terminate();
  }
});

it("leaves a process alone that was given the pid of one of ours", async () => {
  const child = sleeper();
  mkdirSync(join(directory, "pids"));
  const file = join(directory, "pids", `old-${child.pid}.json`);
  writeFileSync(file, JSON.stringify({ name: "old", pid: child.pid, startedAt: "an earlier time" }));
  expect(await reapOrphans(directory)).toEqual([]);
  expect(processStartedAt(child.pid)).toBeDefined();
  const exited = once(child, "exit");
  process.kill(-child.pid, "SIGKILL");
  await exited;
});

it("ends the children of a parent that was killed with no chance to clean up", async () => {
  const parts = fileURLToPath(new URL("../../../sandbox/parts", import.meta.url));
  const script = join(directory, "parent.mjs");
  writeFileSync(
    script,
    `import { startChild } from ${JSON.stringify(join(parts, "child-process.ts"))};
     import { startWatchdog } from ${JSON.stringify(join(parts, "watchdog.ts"))};
     startWatchdog(${JSON.stringify(directory)});
     const child = await startChild({ name: "part", command: "sleep", args: ["300"], runDirectory: ${JSON.stringify(directory)} });
     process.stdout.write(String(child.pid));
     setInterval(() => undefined, 1000);`,
  );
  const root = fileURLToPath(new URL("../../..", import.meta.url));
  const parent = spawn(process.execPath, ["--import", "tsx", script], {
    cwd: root,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [text] = await once(parent.stdout, "data");
  const pid = Number(String(text));
  expect(processStartedAt(pid)).toBeDefined();
  parent.kill("SIGKILL");
  for (let wait = 0; wait < 100 && processStartedAt(pid) !== undefined; wait += 1) await pause(100);
  expect(processStartedAt(pid)).toBeUndefined();
});
