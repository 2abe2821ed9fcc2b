import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { freePort } from "../../sandbox/parts/ports.ts";
import { processStartedAt } from "../../sandbox/parts/process-identity.ts";
import { databaseUser, reachableDirectory } from "../../sandbox/parts/reachable-directory.ts";
import { readSandboxFile, type SandboxDescription } from "../../sandbox/sandbox-file.ts";
import { testTool } from "../support/tools.ts";

const tools = [await testTool("temporal"), await testTool("versitygw")];
const missing = tools.flatMap((tool) => ("missing" in tool ? [tool.missing] : []));
if (missing.length > 0) console.log(`npm start is not tried: ${missing.join("; ")}`);

const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "tollkeeper-start-"));
const started: ChildProcess[] = [];
afterAll(async () => {
  for (const child of started.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null)) {
    child.kill("SIGTERM");
    await once(child, "exit");
  }
  rmSync(reachableDirectory(join(folder, "postgres"), databaseUser()), { recursive: true, force: true });
  rmSync(folder, { recursive: true, force: true });
});

type Start = { readonly child: ChildProcess; readonly output: () => string };

async function start(): Promise<Start> {
  const flags = [
    "port",
    "temporal-port",
    "ui-port",
    "postgres-port",
    "evm-port",
    "s3-port",
    "inbox-port",
    "officex-port",
    "mail-port",
    "mail-web-port",
  ];
  const ports = await Promise.all(flags.map(async (flag) => `--${flag}=${await freePort()}`));
  const environment = { ...process.env, TOLLKEEPER_FOLDER: folder, NODE_ENV: "", VITEST: "" };
  const args = [join(root, "sandbox", "start.mjs"), "--no-demo", "--json", ...ports];
  const child = spawn(process.execPath, args, { cwd: root, env: environment, stdio: ["ignore", "pipe", "pipe"] });
  started.push(child);
  let output = "";
  child.stderr.on("data", (chunk) => {
    output += chunk;
  });
  return { child, output: () => output };
}

/** Waits for the line of JSON that says that everything answers. */
async function ready({ child, output }: Start): Promise<SandboxDescription> {
  if (child.stdout === null) throw new Error("no output");
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.startsWith("{")) return readSandboxFile(folder);
  }
  throw new Error(`npm start ended before it was ready:\n${output()}`);
}

function notedPids(): readonly number[] {
  return readdirSync(join(folder, "pids")).map((file) => Number(/-(\d+)\.json$/.exec(file)?.[1]));
}

async function until(what: string, check: () => boolean | Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 40_000; Date.now() < deadline; await pause(100)) if (await check()) return;
  throw new Error(`It did not happen: ${what}`);
}

const answers = (url: string) =>
  fetch(url).then(
    (response) => response.ok,
    () => false,
  );

describe.skipIf(missing.length > 0)("npm start", { timeout: 180_000 }, () => {
  let first: SandboxDescription;

  it("brings everything up, keeps its keys to itself and refuses to run twice in one folder", async () => {
    const world = await start();
    first = await ready(world);
    expect(await answers(`${first.api}/readyz`)).toBe(true);
    expect(await answers(first.temporal.ui ?? "")).toBe(true);
    expect(statSync(join(folder, "sandbox.json")).mode & 0o777).toBe(0o600);
    const second = await start();
    const [code] = await once(second.child, "exit");
    expect(code).toBe(1);
    expect(second.output()).toContain(`running already (process ${world.child.pid})`);
    expect(await answers(`${first.api}/readyz`)).toBe(true);
  });

  it("starts the API again when it dies", async () => {
    const name = readdirSync(join(folder, "pids")).find((file) => file.startsWith("api-")) ?? "";
    process.kill(Number(/-(\d+)\.json$/.exec(name)?.[1]), "SIGKILL");
    await until("the API is gone", async () => !(await answers(`${first.api}/livez`)));
    await until("the API is back", () => answers(`${first.api}/readyz`));
  });

  it("leaves no process behind when it is stopped", async () => {
    const [world] = started;
    const pids = notedPids();
    expect(pids.length).toBeGreaterThanOrEqual(6);
    world?.kill("SIGTERM");
    const [code] = world === undefined ? [] : await once(world, "exit");
    expect(code).toBe(0);
    expect(pids.filter((pid) => processStartedAt(pid) !== undefined)).toEqual([]);
    expect(readdirSync(join(folder, "pids"))).toEqual([]);
    expect(readdirSync(folder)).not.toContain("sandbox.json");
  });

  it("has the same keys, addresses of tokens and data after a restart, and none left over after a kill -9", async () => {
    const world = await start();
    const again = await ready(world);
    expect(again.keys).toEqual(first.keys);
    expect(again.evm).toEqual({ ...first.evm, rpc: again.evm.rpc });
    expect(new URL(again.postgres).password).toBe(new URL(first.postgres).password);
    const pids = notedPids();
    world.child.kill("SIGKILL");
    await until("every part is gone", () => pids.every((pid) => processStartedAt(pid) === undefined));
  });

  it("never writes a secret to a log", () => {
    const secrets: unknown = JSON.parse(readFileSync(join(folder, "secrets", "secrets.json"), "utf8"));
    const values = Object.entries(secrets ?? {}).filter(([name]) => /key|token|secret|password/i.test(name));
    expect(values.length).toBeGreaterThanOrEqual(4);
    for (const log of readdirSync(join(folder, "logs"))) {
      const text = readFileSync(join(folder, "logs", log), "utf8");
      expect(values.filter(([, value]) => text.includes(String(value)))).toEqual([]);
    }
  });
});
