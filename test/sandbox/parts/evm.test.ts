import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { Contract, JsonRpcProvider, Wallet } from "ethers";
import { afterAll, describe, expect, it } from "vitest";
import { type EvmPart, startEvm } from "../../../sandbox/parts/evm.ts";
import { freePort } from "../../../sandbox/parts/ports.ts";
import { evmMissing } from "../../support/evm.ts";

const folder = mkdtempSync(join(tmpdir(), "tollkeeper-evm-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const stateFile = join(folder, "state.json");

async function start(mining: "steady" | "on-demand"): Promise<EvmPart> {
  return startEvm({ runDirectory: folder, port: await freePort(), stateFile, mining });
}

async function read<Result>(evm: EvmPart, use: (provider: JsonRpcProvider) => Promise<Result>): Promise<Result> {
  const provider = new JsonRpcProvider(evm.rpc, evm.chainId, { staticNetwork: true, cacheTimeout: -1 });
  try {
    return await use(provider);
  } finally {
    provider.destroy();
  }
}

function balance(evm: EvmPart, address: string): Promise<unknown> {
  const abi = ["function balanceOf(address) view returns (uint256)"];
  return read(evm, (provider) => new Contract(evm.usdc, abi, provider).getFunction("balanceOf")(address));
}

describe.skipIf(evmMissing !== undefined)("the local chain", () => {
  const address = Wallet.createRandom().address;

  it("remembers balances and its tokens over a restart", async () => {
    const first = await start("on-demand");
    await first.mint("USDC", address, 42n);
    await first.stop();
    const second = await start("on-demand");
    expect(second.usdc).toBe(first.usdc);
    expect(await balance(second, address)).toBe(42n);
    await second.stop();
  });

  it("comes up from the copy of the start before when its state file was cut short", async () => {
    writeFileSync(stateFile, readFileSync(stateFile, "utf8").slice(0, 1_000));
    const evm = await start("on-demand");
    expect(await balance(evm, address)).toBe(42n);
    await evm.stop();
  });

  it("adds blocks after a transaction by itself, so that confirmations come", async () => {
    const evm = await start("steady");
    await evm.mint("USDC", address, 1n);
    const before = await read(evm, (provider) => provider.getBlockNumber());
    await pause(4_000);
    expect(await read(evm, (provider) => provider.getBlockNumber())).toBeGreaterThanOrEqual(before + 2);
    await evm.stop();
  });

  it("adds no block of its own when told to wait for `mine`", async () => {
    const evm = await start("on-demand");
    const before = await read(evm, (provider) => provider.getBlockNumber());
    await pause(1_500);
    expect(await read(evm, (provider) => provider.getBlockNumber())).toBe(before);
    await evm.mine(7);
    expect(await read(evm, (provider) => provider.getBlockNumber())).toBe(before + 7);
    await evm.stop();
  });
});
