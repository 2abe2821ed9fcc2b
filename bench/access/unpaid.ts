import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { Agent, request } from "node:http";
import { fileURLToPath } from "node:url";
import type { BenchRun } from "../bench-run.ts";
import { closedLoop, type Slice } from "../ledger/closed-loop.ts";
import type { BenchMerchant } from "./shop.ts";
import type { AccessWorld } from "./world.ts";

/** How often each server is asked in turn, and for how long. */
export type UnpaidOptions = { readonly rounds: number; readonly seconds: number };

/** One round: the same callers at our HTTP with nothing behind it, at a first version's 402, and at ours. */
export type UnpaidRound = { readonly empty: Slice; readonly naive: Slice; readonly ours: Slice };

const CALLERS = 64;
const ASSETS = 100;

type Needs = { readonly run: BenchRun; readonly world: AccessWorld; readonly merchant: BenchMerchant };

/** Asks for offers over 64 kept connections without ever paying. */
export async function measureUnpaid({ run, world, merchant }: Needs, options: UnpaidOptions) {
  run.progress(`unpaid requests: ${CALLERS} callers, ${options.rounds} rounds`);
  const assets = await merchant.openAssets(ASSETS);
  const program = fileURLToPath(new URL("unpaid-server.ts", import.meta.url));
  const child = spawn(process.execPath, ["--import", "tsx", program, world.parts.postgres.applicationUrl], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const end = () => void child.kill("SIGKILL");
  process.once("exit", end);
  try {
    const yardstick = `http://127.0.0.1:${await announcedPort(child)}`;
    const slice = (url: string) => askAll({ url, assets, seconds: options.seconds });
    const rounds: UnpaidRound[] = [];
    // The first round warms all three up and is not counted.
    for (let round = 0; round <= options.rounds; round += 1) {
      const empty = await slice(`${yardstick}/empty/`);
      const naive = await slice(`${yardstick}/naive/`);
      const ours = await slice(`${world.description.api}/api/v1/access/`);
      if (round > 0) rounds.push({ empty, naive, ours });
    }
    return rounds;
  } finally {
    end();
    process.off("exit", end);
  }
}

async function askAll(input: { readonly url: string; readonly assets: readonly string[]; readonly seconds: number }) {
  const agent = new Agent({ keepAlive: true, maxSockets: CALLERS });
  let asked = 0;
  const call = () => {
    asked += 1;
    return ask(agent, `${input.url}${input.assets[asked % input.assets.length] ?? ""}`);
  };
  try {
    return await closedLoop({ callers: CALLERS, seconds: input.seconds, call });
  } finally {
    agent.destroy();
  }
}

/** One request and its whole answer; rejects on anything but 402. */
function ask(agent: Agent, url: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: "POST", agent }, (answer) => {
      answer.resume();
      answer.on("end", () =>
        answer.statusCode === 402 ? resolve() : reject(new Error(`${url} answered ${answer.statusCode}`)),
      );
    });
    sent.on("error", reject);
    sent.end();
  });
}

async function announcedPort(child: ChildProcess): Promise<number> {
  const exited = once(child, "exit").then(() => {
    throw new Error("The yardstick's server did not start.");
  });
  const [line] = await Promise.race([once(child.stdout ?? child, "data"), exited]);
  exited.catch(() => undefined);
  return Number(String(line));
}
