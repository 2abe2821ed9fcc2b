import { afterEach, describe, expect, it } from "vitest";
import type { TransferAuthorization } from "../../../../src/integrations/chains/chain.ts";
import { tokenInterface } from "../../../../src/integrations/chains/evm/erc20-transfers.ts";
import {
  openScriptedChain,
  PAYEE,
  type Reply,
  refuse,
  scriptedNetwork,
  transferLog,
  USDC,
  word,
} from "./scripted-node.ts";

const [token] = scriptedNetwork.tokens;
if (token === undefined) throw new Error("the network has no token");
const authorization: TransferAuthorization = {
  method: "receiveWithAuthorization",
  chainId: 31_337,
  token,
  from: USDC,
  to: PAYEE,
  amountUnits: 5n,
  nonce: `0x${word(7n)}`,
};
const signature = `0x${word(1n)}${word(2n)}1b`;
const rich = {
  eth_estimateGas: () => "0x186a0",
  eth_gasPrice: () => "0x3b9aca00",
  eth_maxPriorityFeePerGas: () => "0x5f5e100",
  eth_getBalance: () => `0x${(10n ** 18n).toString(16)}`,
  eth_getTransactionCount: () => "0x4",
};

describe("transactions of the vendor wallet", () => {
  const opened: (() => void)[] = [];
  afterEach(() => {
    for (const close of opened.splice(0)) close();
  });
  const open = async (script: Readonly<Record<string, Reply>>) => {
    const { chain, close } = await openScriptedChain(script);
    opened.push(close);
    return chain;
  };
  const quote = async (script: Readonly<Record<string, Reply>>) =>
    (await open({ ...rich, ...script })).quoteAuthorizedTransfer({ authorization, signature, sender: PAYEE });

  it("call the token with what was authorised, with room in the gas limit and the fee", async () => {
    const { unsigned, chainNonce } = await quote({});
    expect(chainNonce).toBe(4);
    expect(unsigned).toMatchObject({
      to: USDC,
      chainId: 31_337,
      gasLimit: "130000",
      maxFeePerGas: "2000000000",
      maxPriorityFeePerGas: "100000000",
    });
    const call = tokenInterface.parseTransaction({ data: unsigned.data });
    expect(call?.name).toBe("receiveWithAuthorization");
    expect(call?.args.toArray().slice(0, 3)).toEqual([USDC, PAYEE, 5n]);
  });

  it("are not priced when the wallet cannot pay, and say how much it lacks", async () => {
    await expect(quote({ eth_getBalance: () => "0x9" })).rejects.toMatchObject({
      code: "gas_tank_empty",
      message: expect.stringMatching(/holds 9 and needs 260000000000000/),
    });
    const refused = quote({ eth_estimateGas: () => refuse("insufficient funds for gas * price + value") });
    await expect(refused).rejects.toMatchObject({ code: "gas_tank_empty" });
  });

  it("are not priced when the contract would revert, and say the contract's reason", async () => {
    const refused = quote({
      eth_estimateGas: () => refuse("execution reverted: Blacklistable: account is blacklisted", 3),
    });
    await expect(refused).rejects.toMatchObject({
      code: "transaction_would_fail",
      message: expect.stringContaining("blacklisted"),
    });
  });

  it("pay a tip of their own when the node names none", async () => {
    const { unsigned } = await quote({ eth_maxPriorityFeePerGas: () => refuse("method not found", -32_601) });
    expect(unsigned.maxPriorityFeePerGas).toBe("1000000000");
  });

  it.each([
    ["already known", "already_known"],
    ["AlreadyKnown: known transaction", "already_known"],
    ["transaction already imported", "already_known"],
    ["nonce too low: next nonce 4, tx nonce 3", "nonce_used"],
  ])("may be sent again: a node that says %j means %s", async (message, outcome) => {
    const chain = await open({ eth_sendRawTransaction: () => refuse(message) });
    expect(await chain.broadcast("0x02")).toBe(outcome);
  });

  it("wait for the gas tank or the node when they cannot be sent", async () => {
    const poor = await open({ eth_sendRawTransaction: () => refuse("insufficient funds for gas * price + value") });
    await expect(poor.broadcast("0x02")).rejects.toMatchObject({ code: "gas_tank_empty" });
    const strange = await open({ eth_sendRawTransaction: () => refuse("the moon is full") });
    await expect(strange.broadcast("0x02")).rejects.toMatchObject({ code: "rpc_unavailable" });
  });

  it("count an authorization as used only where its tokens went where it says", async () => {
    const receiptOf = (log: unknown) => ({
      status: "0x1",
      blockNumber: "0x5",
      blockHash: `0x${word(1n)}`,
      gasUsed: "0x1",
      effectiveGasPrice: "0x1",
      logs: [log],
    });
    const find = async (used: bigint, log: unknown) => {
      const chain = await open({
        eth_call: () => `0x${word(used)}`,
        eth_getLogs: () => [transferLog()],
        eth_getTransactionReceipt: () => receiptOf(log),
      });
      return chain.findUsedAuthorization({ authorization, sinceBlock: 0 });
    };
    expect(await find(0n, transferLog())).toBeUndefined();
    expect(await find(1n, transferLog())).toEqual({ transactionHash: `0x${word(2n)}` });
    expect(await find(1n, transferLog({ data: `0x${word(4n)}` }))).toBeUndefined();
    expect(
      await find(1n, transferLog({ topics: [...transferLog().topics.slice(0, 2), `0x${word(USDC)}`] })),
    ).toBeUndefined();
  });
});
