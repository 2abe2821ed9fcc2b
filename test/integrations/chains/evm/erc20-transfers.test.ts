import { id, TypedDataEncoder } from "ethers";
import { describe, expect, it } from "vitest";
import {
  authorizationTypedData,
  readReceiptShape,
  readTransferLog,
  TRANSFER_TOPIC,
} from "../../../../src/integrations/chains/evm/erc20-transfers.ts";
import { Log, Receipt } from "../../../../src/integrations/chains/evm/rpc-shapes.ts";
import { PAYEE, scriptedNetwork, transferLog, USDC, word } from "./scripted-node.ts";

const parse = (change: Readonly<Record<string, unknown>> = {}) => readTransferLog(Log.parse(transferLog(change)));

describe("reading token transfers", () => {
  it("spells addresses in their canonical form, however the node spells them", () => {
    expect(parse()).toEqual({
      token: USDC,
      from: USDC,
      to: PAYEE,
      amountUnits: 5n,
      transactionHash: `0x${word(2n)}`,
      position: 0,
      block: { number: 5, hash: `0x${word(1n)}` },
    });
  });

  it("counts no removed log, no NFT, no zero, no other event and no amount of another length", () => {
    const { topics } = transferLog();
    expect(parse({ removed: true })).toBeUndefined();
    expect(parse({ topics: [...topics, `0x${word(1n)}`], data: "0x" })).toBeUndefined();
    expect(parse({ data: `0x${word(0n)}` })).toBeUndefined();
    expect(parse({ topics: [id("Approval(address,address,uint256)"), ...topics.slice(1)] })).toBeUndefined();
    expect(parse({ data: `0x${word(5n)}${word(5n)}` })).toBeUndefined();
    expect(parse({ topics: topics.slice(0, 2) })).toBeUndefined();
  });

  it("numbers the transfers of a receipt inside the transaction and adds a rollup's data fee to the cost", () => {
    const other = transferLog({ topics: [id("Approval(address,address,uint256)"), ...transferLog().topics.slice(1)] });
    const receipt = Receipt.parse({
      status: "0x0",
      blockNumber: "0x5",
      blockHash: `0x${word(1n)}`,
      gasUsed: "0xa",
      effectiveGasPrice: "0x3",
      l1Fee: "0x7",
      logs: [{ ...other, logIndex: "0x28" }, transferLog({ logIndex: "0x29" })],
    });
    expect(readReceiptShape(receipt)).toMatchObject({
      succeeded: false,
      feeUnits: 37n,
      transfers: [{ logIndex: 1, position: 41 }],
    });
  });

  it("knows the event by the topic every EIP-20 token uses", () => {
    expect(TRANSFER_TOPIC).toBe("0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef");
  });
});

describe("an EIP-3009 authorization", () => {
  const [token] = scriptedNetwork.tokens;
  if (token === undefined) throw new Error("the network has no token");
  const authorization = {
    chainId: 31_337,
    token,
    from: PAYEE,
    to: USDC,
    amountUnits: 5n,
    nonce: `0x${word(7n)}`,
  } as const;

  it("is typed as the standard says, for the method it is good for", () => {
    const receive = authorizationTypedData({ ...authorization, method: "receiveWithAuthorization" });
    const transfer = authorizationTypedData({ ...authorization, method: "transferWithAuthorization" });
    const hashOf = ({ types }: typeof receive) =>
      id(TypedDataEncoder.from(types).encodeType(TypedDataEncoder.getPrimaryType(types)));
    // The two type hashes printed in EIP-3009.
    expect(hashOf(receive)).toBe("0xd099cc98ef71107a616c4f0f941f04c322d8e254fe26b3c6668db87aae413de8");
    expect(hashOf(transfer)).toBe("0x7c7c6cdb67a18743f49ec6fa9b35f50d52ed05cbed4cc592e13b44501c1a2267");
    expect(receive.domain).toEqual({ name: "USD Coin", version: "2", chainId: 31_337, verifyingContract: USDC });
  });

  it("cannot be made for a token without a signing domain", () => {
    const bare = { symbol: "USDT", address: USDC, decimals: 6, sweepMethod: "gas_top_up" } as const;
    expect(() => authorizationTypedData({ ...authorization, token: bare, method: "receiveWithAuthorization" })).toThrow(
      "USDT",
    );
  });
});
