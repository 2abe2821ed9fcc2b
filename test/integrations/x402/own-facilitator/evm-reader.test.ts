import { createPublicClient, custom } from "viem";
import { expect, it } from "vitest";
import { openEvmReader } from "../../../../src/integrations/x402/own-facilitator/evm-reader.ts";

const WALLET = "0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf";

function open() {
  const asked: string[] = [];
  const request = async ({ method }: { readonly method: string }) => {
    asked.push(method);
    return "0x60";
  };
  const reader = openEvmReader(createPublicClient({ transport: custom({ request }) }), WALLET);
  return { asked, reader };
}

it("looks through the node and pays from one wallet", async () => {
  const { asked, reader } = open();
  expect(reader.getAddresses()).toEqual([WALLET]);
  expect(await reader.getCode({ address: WALLET })).toBe("0x60");
  expect(asked).toEqual(["eth_getCode"]);
});

it("writes nothing, whoever asks: what is sent was recorded first, elsewhere", async () => {
  const { asked, reader } = open();
  const call = { address: WALLET, abi: [], functionName: "transferWithAuthorization", args: [] } as const;
  await expect(reader.writeContract(call)).rejects.toThrow("recorded before they are sent");
  await expect(reader.sendTransaction({ to: WALLET, data: "0x" })).rejects.toThrow("recorded before they are sent");
  await expect(reader.waitForTransactionReceipt({ hash: "0x00" })).rejects.toThrow("recorded before they are sent");
  expect(asked).toEqual([]);
});
