import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { signalGroup, writePidFile } from "./pid-file.ts";

/** What to run and where its traces go: `<runDirectory>/logs/<name>.log` and `<runDirectory>/pids/`. */
export type ChildOptions = {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly runDirectory: string;
  /** The child's whole environment; the parent's when absent. */
  readonly environment?: NodeJS.ProcessEnv;
  readonly directory?: string;
  /** Run as this user; needs root. */
  readonly user?: { readonly uid: number; readonly gid: number };
  /** How the child is asked to stop; SIGTERM when absent. */
  readonly stopSignal?: NodeJS.Signals;
  /** What ends it when this process itself is ending and cannot wait; SIGKILL when absent. */
  readonly killSignal?: NodeJS.Signals;
  /** How long it may take before its group is killed; 5,000 ms when absent. */
  readonly stopWithinMs?: number;
};

/** A child in its own process group. `exited` settles with a sentence once it is gone; `stop` returns when it is. */
export type Child = {
  readonly name: string;
  readonly pid: number;
  readonly exited: Promise<string>;
  readonly isRunning: () => boolean;
  readonly lastLines: () => string;
  readonly stop: () => Promise<void>;
};

type Running = { readonly killSignal: NodeJS.Signals; readonly stop: () => Promise<void> };

const running = new Map<number, Running>();
let exitHookInstalled = false;

/** Starts a child process in its own group, logs its output, and makes sure it cannot outlive this process unnoticed. */
export async function startChild(options: ChildOptions): Promise<Child> {
  const logPath = join(options.runDirectory, "logs", `${options.name}.log`);
  mkdirSync(join(options.runDirectory, "logs"), { recursive: true });
  installExitHook();
  const log = openSync(logPath, "a");
  const child = spawn(options.command, options.args, {
    detached: true,
    stdio: ["ignore", log, log],
    env: options.environment ?? process.env,
    ...(options.directory === undefined ? {} : { cwd: options.directory }),
    ...options.user,
  });
  closeSync(log);
  const exited = new Promise<string>((resolve) => {
    child.once("exit", (code, signal) => resolve(`${options.name} ended with ${signal ?? `exit code ${code}`}`));
  });
  const pid = await spawned(child, options);
  const stop = () => stopChild(pid, exited, options);
  running.set(pid, { killSignal: options.killSignal ?? "SIGKILL", stop });
  const forget = writePidFile(options.runDirectory, options.name, pid);
  void exited.then(() => {
    running.delete(pid);
    forget();
  });
  return {
    name: options.name,
    pid,
    exited,
    isRunning: () => running.has(pid),
    lastLines: () => lastLines(logPath),
    stop,
  };
}

/** Stops every child of this process that still runs. */
export async function stopAllChildren(): Promise<void> {
  await Promise.all([...running.values()].map((child) => child.stop()));
}

function spawned(child: ChildProcess, options: ChildOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once("error", (cause) =>
      reject(new Error(`${options.name} could not be started: ${cause.message}`, { cause })),
    );
    child.once("spawn", () =>
      child.pid === undefined ? reject(new Error(`${options.name} has no pid`)) : resolve(child.pid),
    );
  });
}

async function stopChild(pid: number, exited: Promise<string>, options: ChildOptions): Promise<void> {
  if (!running.has(pid)) return;
  signalGroup(pid, options.stopSignal ?? "SIGTERM");
  const timer = setTimeout(() => signalGroup(pid, "SIGKILL"), options.stopWithinMs ?? 5_000);
  await exited;
  clearTimeout(timer);
  // What the leader started in its own group must not stay behind either.
  signalGroup(pid, "SIGKILL");
}

function lastLines(path: string): string {
  try {
    return readFileSync(path, "utf8").trimEnd().split("\n").slice(-15).map(shorten).join("\n");
  } catch {
    return "";
  }
}

/** A log line as JSON says when at its beginning and what at its end. */
function shorten(line: string): string {
  return line.length <= 200 ? line : `${line.slice(0, 70)} ... ${line.slice(-125)}`;
}

function installExitHook(): void {
  if (exitHookInstalled) return;
  exitHookInstalled = true;
  process.on("exit", () => {
    for (const [pid, { killSignal }] of running) signalGroup(pid, killSignal);
  });
}
