import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Child, startChild } from "../sandbox/parts/child-process.ts";
import { freePort } from "../sandbox/parts/ports.ts";
import { waitForWorker } from "../sandbox/readiness.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

/** One of our processes, as a vendor would run it. */
export type BenchProcess = {
  readonly pid: () => number;
  readonly lastLines: () => string;
  readonly start: () => Promise<void>;
  readonly stop: () => Promise<void>;
};

type Starting = {
  readonly name: string;
  readonly args: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
};

/** Starts a program of ours under tsx, stopped with whoever started it. */
export function startNode(runDirectory: string, { name, args, environment }: Starting): Promise<Child> {
  const command = { command: process.execPath, args: ["--import", "tsx", ...args] };
  return startChild({ name, ...command, runDirectory, directory: root, environment, stopWithinMs: 35_000 });
}

/** A process that can be stopped and started again; a worker's start returns when it polls. */
export function openProcess(
  folder: string,
  name: string,
  environment: NodeJS.ProcessEnv,
  temporal?: { readonly address: string; readonly namespace: string },
): BenchProcess {
  let child: Child | undefined;
  const opened: BenchProcess = {
    pid: () => child?.pid ?? 0,
    lastLines: () => child?.lastLines() ?? "",
    start: async () => {
      const since = Date.now();
      child = await startNode(folder, { name, args: [join(root, "src", `${name}.ts`)], environment });
      if (temporal !== undefined) await waitForWorker(watched(name, opened), { ...temporal, since });
    },
    stop: async () => child?.stop(),
  };
  return opened;
}

/** A process as those who wait for it want to see it. */
export function watched(name: string, { lastLines, stop }: BenchProcess) {
  return { name, lastLines, stop, deaths: () => 0 };
}

/** A free port for every part and process of a world. */
export async function freeWorldPorts() {
  const wanted = "api temporal temporalUi postgres evm solana s3 inbox officex mail mailWeb facilitator".split(" ");
  const ports = new Map<string, number>();
  for (const name of wanted) ports.set(name, await freePort());
  const port = (name: string) => ports.get(name) ?? 0;
  return {
    ...{ api: port("api"), temporal: port("temporal"), temporalUi: port("temporalUi"), postgres: port("postgres") },
    ...{ evm: port("evm"), solana: port("solana"), s3: port("s3"), inbox: port("inbox") },
    ...{ officex: port("officex"), mail: port("mail"), mailWeb: port("mailWeb"), facilitator: port("facilitator") },
  };
}
