import { createPublicClient, custom, encodeEventTopics, type Hex, pad, parseAbi, toHex } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { describe, expect, it } from "vitest";
import { encodeTransfer, lookAtTransfer } from "../../../../src/integrations/x402/own-facilitator/evm-transfer.ts";

const account = privateKeyToAccount(`0x${"0".repeat(63)}1`);
const PAYER = "0x2B5AD5c4795c026514f8317c7a215E218DcCD6cF";
const PAY_TO = "0x6813Eb9362372EEF6200f3b1dbC3f819671cBA69";
const ASSET = "0x036CbD53842c5426634e7929541eC2318f3dCF7e";
const HASH = pad("0xab");
const terms = { payer: PAYER, payTo: PAY_TO, asset: ASSET, amount: "100000" };

describe("encodeTransfer", () => {
  const encode = (signature: string) =>
    encodeTransfer({
      requirements: {
        ...{ scheme: "exact", network: "eip155:84532", asset: ASSET.toLowerCase(), amount: "100000", payTo: PAY_TO },
        ...{ maxTimeoutSeconds: 60, extra: {} },
      },
      payload: {
        x402Version: 2,
        accepted: {
          ...{ scheme: "exact", network: "eip155:84532", asset: ASSET, amount: "1", payTo: PAY_TO },
          ...{ maxTimeoutSeconds: 60, extra: {} },
        },
        payload: {
          signature,
          authorization: {
            ...{ from: PAYER, to: PAY_TO, value: "100000", validAfter: "0", validBefore: "9999999999" },
            nonce: pad("0x07"),
          },
        },
      },
    });

  it("calls the token with v, r, s for a key's signature and with the bytes for a smart wallet's", async () => {
    const signature = await account.signMessage({ message: "any" });
    // The selectors of USDC's two overloads.
    expect(encode(signature)).toMatchObject({ to: ASSET, data: expect.stringMatching(/^0xe3ee160e/) });
    expect(encode(`0x${"12".repeat(96)}`)).toMatchObject({ data: expect.stringMatching(/^0xcf092995/) });
  });

  it("refuses an authorization that was not checked", () => {
    expect(() => encode("12")).toThrow();
  });
});

describe("lookAtTransfer", () => {
  const log = (value: bigint, address = ASSET) => ({
    address,
    topics: encodeEventTopics({
      abi: parseAbi(["event Transfer(address indexed from, address indexed to, uint256 value)"]),
      args: { from: PAYER, to: PAY_TO },
    }),
    ...{ data: pad(toHex(value)), blockNumber: "0x1", logIndex: "0x0", transactionIndex: "0x0", removed: false },
    ...{ transactionHash: HASH, blockHash: HASH },
  });
  const receipt = (status: Hex, logs: readonly object[]) => ({
    ...{ status, logs, transactionHash: HASH, blockHash: HASH, blockNumber: "0x1", transactionIndex: "0x0" },
    ...{ from: PAYER, to: ASSET, gasUsed: "0x1", cumulativeGasUsed: "0x1", effectiveGasPrice: "0x1", type: "0x2" },
    ...{ contractAddress: null, logsBloom: "0x" },
  });

  /** Our transaction has the nonce 5; the node has counted `count` of the wallet's. */
  async function look(found: object | null, count = 6) {
    const raw = await account.signTransaction({ type: "eip1559", chainId: 84532, nonce: 5, to: ASSET, gas: 1n });
    const request = async ({ method }: { readonly method: string }) =>
      method === "eth_getTransactionCount" ? toHex(count) : found;
    const client = createPublicClient({ transport: custom({ request }, { retryCount: 0 }) });
    return lookAtTransfer(client, { transaction: HASH, raw, wallet: account.address, terms });
  }

  it("has landed only with the very transfer in its receipt", async () => {
    expect(await look(receipt("0x1", [log(100_000n)]))).toBe("landed");
    expect(await look(receipt("0x1", [log(99_999n)]))).toBe("failed");
    expect(await look(receipt("0x1", [log(100_000n, PAYER)]))).toBe("failed");
    expect(await look(receipt("0x1", []))).toBe("failed");
    expect(await look(receipt("0x0", [log(100_000n)]))).toBe("failed");
  });

  it("is dropped once another transaction used its nonce, and not seen until then", async () => {
    expect([await look(null, 5), await look(null, 6)]).toEqual(["not_seen", "dropped"]);
  });
});
