import { afterEach, describe, expect, it } from "vitest";
import { openScriptedChain, PAYEE, type Reply, refuse, transferLog, USDC, word } from "./scripted-node.ts";

const range = { fromBlock: 0, toBlock: 999, tokens: [USDC] };

describe("an EVM chain", () => {
  const opened: (() => void)[] = [];
  afterEach(() => {
    for (const close of opened.splice(0)) close();
  });
  const open = async (script: Readonly<Record<string, Reply>>) => {
    const { chain, close } = await openScriptedChain(script);
    opened.push(close);
    return chain;
  };

  it("halves a block range until the node takes it, and misses no block", async () => {
    const served: [number, number][] = [];
    const chain = await open({
      eth_getLogs: ([filter]) => {
        const { fromBlock, toBlock } = Object(filter);
        const [from, to] = [Number(fromBlock), Number(toBlock)];
        if (to - from >= 100) return refuse("block range is too large");
        served.push([from, to]);
        return from <= 5 && to >= 5 ? [transferLog()] : [];
      },
    });
    expect(await chain.readTransfers(range)).toHaveLength(1);
    expect(served[0]?.[0]).toBe(0);
    expect(served.at(-1)?.[1]).toBe(999);
    for (const [index, [from]] of served.entries()) if (index > 0) expect(from).toBe((served[index - 1]?.[1] ?? 0) + 1);
  });

  it("says unavailable when even one block is too large for the node", async () => {
    const chain = await open({ eth_getLogs: () => refuse("query returned more than 10000 results") });
    await expect(chain.readTransfers({ ...range, toBlock: 3 })).rejects.toMatchObject({ code: "rpc_unavailable" });
  });

  it("asks for nothing when there is nobody to look for", async () => {
    const chain = await open({ eth_getLogs: () => refuse("asked") });
    expect(await chain.readTransfers({ ...range, recipients: [] })).toEqual([]);
    expect(await chain.readTransfers({ ...range, tokens: [] })).toEqual([]);
  });

  it("names the recipients in the log filter when it is given some", async () => {
    const filters: unknown[] = [];
    const chain = await open({
      eth_getLogs: ([filter]) => {
        filters.push(Object(filter).topics);
        return [];
      },
    });
    await chain.readTransfers({ ...range, recipients: [PAYEE] });
    await chain.readTransfers(range);
    expect(filters).toEqual([[expect.any(String), null, [`0x${word(PAYEE)}`]], [expect.any(String)]]);
  });

  it("ignores logs the node adds of other tokens or blocks than asked for", async () => {
    const other = transferLog({ address: PAYEE.toLowerCase() });
    const chain = await open({ eth_getLogs: () => [other, transferLog({ blockNumber: "0x3e8" }), transferLog()] });
    expect(await chain.readTransfers(range)).toMatchObject([{ token: USDC, block: { number: 5 } }]);
  });

  it("calls a truncated answer unusable instead of guessing", async () => {
    const chain = await open({
      eth_getTransactionReceipt: () => ({ status: "0x1", blockNumber: "0x5" }),
      eth_getBlockByNumber: () => ({ number: "0x5" }),
      eth_getLogs: () => [{ ...transferLog(), blockHash: null }],
      eth_call: () => "0x",
    });
    const unusable = { code: "rpc_unavailable" };
    await expect(chain.readReceipt(`0x${word(2n)}`)).rejects.toMatchObject(unusable);
    await expect(chain.readHead()).rejects.toMatchObject(unusable);
    await expect(chain.readTransfers(range)).rejects.toMatchObject(unusable);
    await expect(chain.readTokenBalance({ token: USDC, owner: PAYEE })).rejects.toMatchObject(unusable);
  });

  it("knows no hash above the head and no receipt of what is in no block", async () => {
    const chain = await open({});
    expect(await chain.readBlockHash(1_000)).toBeUndefined();
    expect(await chain.readReceipt(`0x${word(2n)}`)).toBeUndefined();
    expect(await chain.isTransactionKnown(`0x${word(2n)}`)).toBe(false);
  });
});
