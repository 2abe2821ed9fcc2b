import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { id } from "ethers";
import { afterEach, describe, expect, it } from "vitest";
import { openEvmChain } from "../../../../src/integrations/chains/evm/chain.ts";
import { localNetwork } from "../../../../src/integrations/chains/evm/networks.ts";

const USDC = "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913";
const PAYEE = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";
const network = localNetwork({ usdc: USDC });
const word = (value: bigint | string) =>
  (typeof value === "string" ? value.slice(2) : value.toString(16)).toLowerCase().padStart(64, "0");

type Reply = (params: readonly unknown[]) => unknown;
type Filter = { readonly fromBlock: string; readonly toBlock: string };

/** A node that says what the test wants it to say: what a real one would say when it lies, lags or is too strict. */
function scriptedNode(replies: Readonly<Record<string, Reply>>): Promise<Server> {
  const server = createServer((request, response) => {
    let text = "";
    request.on("data", (chunk) => (text += String(chunk)));
    request.on("end", () => {
      const call = JSON.parse(text) as { id: number; method: string; params: unknown[] };
      const reply = replies[call.method];
      const answer = reply === undefined ? { error: { code: -32_601, message: "no such method" } } : reply(call.params);
      const refused = typeof answer === "object" && answer !== null && "error" in answer;
      response.end(JSON.stringify({ id: call.id, ...(refused ? answer : { result: answer }) }));
    });
  });
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}

const transferLog = (change: Readonly<Record<string, unknown>> = {}) => ({
  address: USDC.toLowerCase(),
  topics: [id("Transfer(address,address,uint256)"), `0x${word(USDC)}`, `0x${word(PAYEE)}`],
  data: `0x${word(5n)}`,
  blockNumber: "0x5",
  blockHash: `0x${word(1n)}`,
  transactionHash: `0x${word(2n)}`,
  logIndex: "0x0",
  ...change,
});

describe("an EVM chain", () => {
  const servers: Server[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      server.close();
    }
  });
  const open = async (replies: Readonly<Record<string, Reply>>) => {
    const server = await scriptedNode({ eth_chainId: () => "0x7a69", ...replies });
    servers.push(server);
    const rpcUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return openEvmChain({ network, rpcUrl, patience: { tries: 1 } });
  };
  const range = { fromBlock: 0, toBlock: 999, tokens: [USDC] };

  it("believes nothing of a node that answers for another chain", async () => {
    const chain = await open({
      eth_chainId: () => "0x2105",
      eth_getLogs: () => [transferLog()],
      eth_call: () => `0x${word(9n)}`,
    });
    const refused = { code: "chain_id_mismatch", message: expect.stringContaining("8453") };
    await expect(chain.readHead()).rejects.toMatchObject(refused);
    await expect(chain.readTransfers(range)).rejects.toMatchObject(refused);
    await expect(chain.readTokenBalance({ token: USDC, owner: PAYEE })).rejects.toMatchObject(refused);
    await expect(chain.broadcast("0x")).rejects.toMatchObject(refused);
  });

  it("halves a block range until the node takes it, and misses no block", async () => {
    const served: [number, number][] = [];
    const chain = await open({
      eth_getLogs: ([filter]) => {
        const { fromBlock, toBlock } = filter as Filter;
        const [from, to] = [Number(fromBlock), Number(toBlock)];
        if (to - from >= 100) return { error: { code: -32_000, message: "block range is too large" } };
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
    const chain = await open({
      eth_getLogs: () => ({ error: { code: -32_000, message: "query returned more than 10000 results" } }),
    });
    await expect(chain.readTransfers({ ...range, toBlock: 3 })).rejects.toMatchObject({ code: "rpc_unavailable" });
  });

  it("counts no removed log, no NFT, no zero, no other token and no block outside the range", async () => {
    const unwanted = [
      transferLog({ removed: true }),
      transferLog({ topics: [...transferLog().topics, `0x${word(1n)}`], data: "0x" }),
      transferLog({ data: `0x${word(0n)}` }),
      transferLog({ address: PAYEE.toLowerCase() }),
      transferLog({ blockNumber: "0x3e8" }),
      transferLog({ topics: [id("Approval(address,address,uint256)"), ...transferLog().topics.slice(1)] }),
    ];
    const chain = await open({ eth_getLogs: () => [...unwanted, transferLog()] });
    expect(await chain.readTransfers(range)).toEqual([
      {
        token: USDC,
        from: USDC,
        to: PAYEE,
        amountUnits: 5n,
        transactionHash: `0x${word(2n)}`,
        position: 0,
        block: { number: 5, hash: `0x${word(1n)}` },
      },
    ]);
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

  it("adds the data fee of a rollup to the cost of gas", async () => {
    const block = { blockNumber: "0x5", blockHash: `0x${word(1n)}` };
    const receipt = { ...block, status: "0x0", gasUsed: "0xa", effectiveGasPrice: "0x3", l1Fee: "0x7", logs: [] };
    const chain = await open({ eth_getTransactionReceipt: () => receipt });
    expect(await chain.readReceipt(`0x${word(2n)}`)).toMatchObject({ succeeded: false, gasUsed: 10n, feeUnits: 37n });
  });

  it("reads what nodes of several makes say about a transaction they know", async () => {
    const outcomes = {
      "already known": "already_known",
      "AlreadyKnown: known transaction": "already_known",
      "transaction already imported": "already_known",
      "nonce too low: next nonce 4, tx nonce 3": "nonce_used",
    };
    for (const [message, outcome] of Object.entries(outcomes)) {
      const chain = await open({ eth_sendRawTransaction: () => ({ error: { code: -32_000, message } }) });
      expect(await chain.broadcast("0x02")).toBe(outcome);
    }
    const poor = await open({
      eth_sendRawTransaction: () => ({
        error: { code: -32_000, message: "insufficient funds for gas * price + value" },
      }),
    });
    await expect(poor.broadcast("0x02")).rejects.toMatchObject({ code: "gas_tank_empty" });
  });
});
