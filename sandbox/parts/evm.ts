import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { HDNodeWallet, JsonRpcProvider } from "ethers";
import { waitUntilAnswering } from "./answering.ts";
import { type Child, startChild } from "./child-process.ts";
import { type EvmControls, evmControls } from "./evm-controls.ts";
import { keepMining } from "./evm-mining.ts";
import { deployTokens, placeMulticall } from "./evm-tokens.ts";
import type { Part, Progress } from "./part.ts";
import { findOnPath, isExecutable } from "./program.ts";
import type { Tool } from "./tool.ts";

// No public network has this chain id.
const EVM_CHAIN_ID = 31_337;

// The development phrase every EVM tool knows. It guards nothing: the chain listens on loopback and its coins are made up.
const PHRASE = "test test test test test test test test test test test junk";

/** How to start the chain. Without `stateFile` it lives in memory. */
export type EvmOptions = {
  readonly runDirectory: string;
  readonly port: number;
  readonly stateFile?: string;
  /**
   * "steady" (the default) adds a block a second while a transaction lacks confirmations and one every 30 s otherwise; "on-demand" adds
   * blocks only for transactions and by `mine`, for tests that count them.
   */
  readonly mining?: "steady" | "on-demand";
  readonly progress?: Progress;
};

/** A chain with both tokens; `faucetKey` owns plenty of each and of the native coin. */
export type EvmPart = Part &
  EvmControls & {
    readonly rpc: string;
    readonly chainId: number;
    readonly usdc: string;
    readonly usdt: string;
    readonly faucetKey: string;
    readonly faucetAddress: string;
  };

/** Starts anvil and makes sure that both tokens are deployed, at the same addresses every time. */
export async function startEvm(options: EvmOptions): Promise<EvmPart> {
  const tool = findAnvil();
  const child = await startAnvil(tool, options);
  const rpc = `http://127.0.0.1:${options.port}`;
  const provider = new JsonRpcProvider(rpc, EVM_CHAIN_ID, { staticNetwork: true, cacheTimeout: -1, batchMaxCount: 1 });
  const wallet = (index: number) => HDNodeWallet.fromPhrase(PHRASE, "", `m/44'/60'/0'/0/${index}`).connect(provider);
  const faucet = wallet(0);
  const stopMining = options.mining === "on-demand" ? () => undefined : keepMining(provider);
  const stop = async () => {
    stopMining();
    provider.destroy();
    await child.stop();
  };
  try {
    await waitUntilAnswering(child, () => answersChainId(rpc));
    const deployer = wallet(9);
    await placeMulticall(provider);
    const tokens = await deployTokens({ provider, deployer, faucetAddress: faucet.address });
    return {
      ...evmControls({ provider, deployer, tokens }),
      name: "evm",
      source: tool.source,
      rpc,
      chainId: EVM_CHAIN_ID,
      ...tokens,
      faucetKey: faucet.privateKey,
      faucetAddress: faucet.address,
      died: child.exited.then((reason) => `${reason}\n${child.lastLines()}`),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startAnvil(tool: Tool, options: EvmOptions): Promise<Child> {
  const args = ["--host", "127.0.0.1", "--port", String(options.port), "--chain-id", String(EVM_CHAIN_ID)];
  args.push("--mnemonic", PHRASE, "--balance", "1000000000", "--quiet");
  if (options.stateFile !== undefined) {
    mkdirSync(dirname(options.stateFile), { recursive: true });
    keepReadableState(options.stateFile, options.progress);
    args.push("--state", options.stateFile, "--state-interval", "2");
  }
  // SIGINT makes anvil write its state before it goes.
  return startChild({
    name: "evm",
    command: tool.path,
    args,
    runDirectory: options.runDirectory,
    stopSignal: "SIGINT",
    killSignal: "SIGINT",
  });
}

/** A kill in the middle of a write leaves half a state file: then the copy made at the last good start is taken. */
function keepReadableState(stateFile: string, progress: Progress | undefined): void {
  if (!existsSync(stateFile)) return;
  const copy = `${stateFile}.previous`;
  try {
    JSON.parse(readFileSync(stateFile, "utf8"));
    copyFileSync(stateFile, copy);
  } catch {
    progress?.("the chain's state file was cut short; the state of the start before is taken");
    if (existsSync(copy)) copyFileSync(copy, stateFile);
    else rmSync(stateFile);
  }
}

async function answersChainId(rpc: string): Promise<void> {
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "eth_chainId", params: [] });
  const response = await fetch(rpc, { method: "POST", headers: { "content-type": "application/json" }, body });
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
}

/** Finds anvil: ANVIL_PATH, the npm package for this platform, PATH. */
export function findAnvil(): Tool {
  const given = process.env.ANVIL_PATH ?? "";
  if (given !== "") return { path: given, source: "your ANVIL_PATH" };
  const packaged = packagedAnvil();
  if (packaged !== undefined) return { path: packaged, source: "npm @foundry-rs/anvil" };
  const onPath = findOnPath("anvil");
  if (onPath !== undefined) return { path: onPath, source: `PATH (${onPath})` };
  throw new Error(
    "anvil is missing: the npm package for this platform is not installed. Any one of these helps:\n" +
      '  1. run "npm ci" without --omit=optional\n' +
      "  2. install Foundry, so that anvil is on PATH\n" +
      "  3. name a binary with ANVIL_PATH",
  );
}

function packagedAnvil(): string | undefined {
  const architecture = process.arch === "x64" ? "amd64" : process.arch;
  try {
    const umbrella = createRequire(import.meta.url).resolve("@foundry-rs/anvil/package.json");
    const name = `@foundry-rs/anvil-${process.platform}-${architecture}`;
    const path = join(dirname(createRequire(umbrella).resolve(`${name}/package.json`)), "bin", "anvil");
    return isExecutable(path) ? path : undefined;
  } catch {
    return undefined;
  }
}
