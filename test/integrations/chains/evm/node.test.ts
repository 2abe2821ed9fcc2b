import { afterEach, describe, expect, it, vi } from "vitest";
import { openScriptedChain, PAYEE, transferLog, USDC, word } from "./scripted-node.ts";

describe("a node asked for one network", () => {
  let close: (() => void) | undefined;
  afterEach(() => {
    vi.restoreAllMocks();
    close?.();
  });

  it("is believed in nothing when it answers for another chain", async () => {
    const opened = await openScriptedChain({
      eth_chainId: () => "0x2105",
      eth_getLogs: () => [transferLog()],
      eth_call: () => `0x${word(9n)}`,
    });
    close = opened.close;
    const refused = { code: "chain_id_mismatch", message: expect.stringContaining("8453") };
    await expect(opened.chain.readHead()).rejects.toMatchObject(refused);
    await expect(opened.chain.readTransfers({ fromBlock: 0, toBlock: 9, tokens: [USDC] })).rejects.toMatchObject(
      refused,
    );
    await expect(opened.chain.readTokenBalance({ token: USDC, owner: PAYEE })).rejects.toMatchObject(refused);
    await expect(opened.chain.broadcast("0x")).rejects.toMatchObject(refused);
    expect(new Set(opened.asked)).toEqual(new Set(["eth_chainId"]));
  });

  it("is asked for its chain id with every head, and otherwise only after half a minute", async () => {
    const block = { number: "0x5", hash: `0x${word(1n)}` };
    const opened = await openScriptedChain({ eth_getBlockByNumber: () => block, eth_getBalance: () => "0x1" });
    close = opened.close;
    const start = performance.now();
    const chainIds = () => opened.asked.filter((method) => method === "eth_chainId").length;
    await opened.chain.readNativeBalance(PAYEE);
    await opened.chain.readNativeBalance(PAYEE);
    expect(chainIds()).toBe(1);
    await opened.chain.readHead();
    expect(chainIds()).toBe(2);
    vi.spyOn(performance, "now").mockReturnValue(start + 60_000);
    await opened.chain.readNativeBalance(PAYEE);
    expect(chainIds()).toBe(3);
  });
});
