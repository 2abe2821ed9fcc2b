import { describe, expect, it } from "vitest";
import { tokenInterface } from "../../../../src/integrations/chains/evm/erc20-transfers.ts";
import { localNetwork } from "../../../../src/integrations/chains/evm/networks.ts";
import { judgeDepositCall, judgeVendorCall } from "../../../../src/integrations/chains/evm/signing-rules.ts";

const USDC = "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913";
const VENDOR = "0x1111111111111111111111111111111111111111";
const DEPOSIT = "0x2222222222222222222222222222222222222222";
const STRANGER = "0x3333333333333333333333333333333333333333";
const network = localNetwork({ usdc: USDC });
const rules = { networks: [network], vendorWallet: VENDOR, treasury: VENDOR };
const fees = { chainId: 31_337, gasLimit: "1", maxFeePerGas: "1", maxPriorityFeePerGas: "1" };
const transfer = (to: string) => tokenInterface.encodeFunctionData("transfer", [to, 5n]);
const refused = expect.objectContaining({ code: "destination_refused" });

describe("what the vendor wallet may sign", () => {
  const judge = (change: { to: string; data?: string; value?: string; chainId?: number }, fuelled?: string) =>
    judgeVendorCall(rules, { transaction: { ...fees, data: "0x", ...change }, fuelled });

  it("is fuel for an address of our own, bounded, and never with a call", () => {
    const limit = network.topUpLimitUnits ?? 0n;
    expect(judge({ to: DEPOSIT, value: limit.toString() }, DEPOSIT)).toBeUndefined();
    expect(() => judge({ to: DEPOSIT, value: (limit + 1n).toString() }, DEPOSIT)).toThrow(refused);
    expect(() => judge({ to: STRANGER, value: "1" }, DEPOSIT)).toThrow(refused);
    expect(() => judge({ to: DEPOSIT, value: "1" })).toThrow(refused);
    expect(() => judge({ to: DEPOSIT, value: "1", data: "0x12" }, DEPOSIT)).toThrow(refused);
  });

  it("is nothing to itself, which fills a nonce, but not on a chain we do not know", () => {
    expect(judge({ to: VENDOR })).toBeUndefined();
    expect(() => judge({ to: VENDOR, chainId: 1 })).toThrow(refused);
    expect(() => judge({ to: STRANGER })).toThrow(refused);
  });

  it("is a payout only to be proven", () => {
    expect(judge({ to: USDC, data: transfer(STRANGER) })).toMatchObject({ token: USDC, to: STRANGER, amountUnits: 5n });
  });
});

describe("what a deposit address may sign", () => {
  const judge = (change: { to: string; data?: string; value?: string }) =>
    judgeDepositCall(rules, { transaction: { ...fees, data: "0x", ...change }, owner: DEPOSIT });

  it("is a transfer of a known token to us; to anybody else only to be proven", () => {
    expect(judge({ to: USDC, data: transfer(VENDOR) })).toBeUndefined();
    expect(() => judge({ to: STRANGER, data: transfer(VENDOR) })).toThrow(refused);
    expect(judge({ to: USDC, data: transfer(STRANGER) })).toMatchObject({ to: STRANGER });
  });

  it("is never native coin, nor any other call", () => {
    expect(() => judge({ to: VENDOR, value: "1" })).toThrow(refused);
    expect(() => judge({ to: USDC, data: "0x095ea7b3" })).toThrow();
    expect(judge({ to: DEPOSIT })).toBeUndefined();
  });
});
