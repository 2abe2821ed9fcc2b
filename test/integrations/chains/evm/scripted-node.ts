import { createServer } from "node:http";
import { id } from "ethers";
import type { Chain } from "../../../../src/integrations/chains/chain.ts";
import { openEvmChain } from "../../../../src/integrations/chains/evm/chain.ts";
import { localNetwork } from "../../../../src/integrations/chains/evm/networks.ts";

/** A real token address and a well-known account. */
export const USDC = "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913";
/** See {@link USDC}. */
export const PAYEE = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";

/** The chain every scripted node pretends to be, unless a script says otherwise. */
export const scriptedNetwork = localNetwork({ usdc: USDC });

/** What a node answers to one method; `refuse` makes it a JSON-RPC error. */
export type Reply = (params: readonly unknown[]) => unknown;

/** A JSON-RPC error as a reply. */
export function refuse(
  message: string,
  code = -32_000,
): { readonly error: { readonly code: number; readonly message: string } } {
  return { error: { code, message } };
}

/** A value as a 32-byte word without prefix. */
export function word(value: bigint | string): string {
  return (typeof value === "string" ? value.slice(2) : value.toString(16)).toLowerCase().padStart(64, "0");
}

/** A log of a transfer of 5 units to {@link PAYEE} in block 5. */
export function transferLog(change: Readonly<Record<string, unknown>> = {}) {
  return {
    address: USDC.toLowerCase(),
    topics: [id("Transfer(address,address,uint256)"), `0x${word(USDC)}`, `0x${word(PAYEE)}`],
    data: `0x${word(5n)}`,
    blockNumber: "0x5",
    blockHash: `0x${word(1n)}`,
    transactionHash: `0x${word(2n)}`,
    logIndex: "0x0",
    ...change,
  };
}

/** A node over HTTP that says what the test wants: what a real one would say when it lies, lags or is too strict. */
export async function openScriptedChain(
  script: Readonly<Record<string, Reply>>,
): Promise<{ readonly chain: Chain; readonly asked: string[]; readonly close: () => void }> {
  const asked: string[] = [];
  const replies: Readonly<Record<string, Reply>> = { eth_chainId: () => "0x7a69", ...script };
  const server = createServer((request, response) => {
    let text = "";
    request.on("data", (chunk) => {
      text += String(chunk);
    });
    request.on("end", () => {
      const call: { id: number; method: string; params: unknown[] } = JSON.parse(text);
      asked.push(call.method);
      const answer = replies[call.method]?.(call.params) ?? null;
      const refused = typeof answer === "object" && answer !== null && "error" in answer;
      response.end(JSON.stringify({ id: call.id, ...(refused ? answer : { result: answer }) }));
    });
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      if (address === null || typeof address === "string") reject(new Error("no port"));
      else resolve(address.port);
    });
  });
  const chain = openEvmChain({ network: scriptedNetwork, rpcUrl: `http://127.0.0.1:${port}`, patience: { tries: 1 } });
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { chain, asked, close };
}
