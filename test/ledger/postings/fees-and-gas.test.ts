import { describe, expect, it } from "vitest";
import { gasTankFilled, networkFeePaid, upstreamCostIncurred } from "../../../src/ledger/postings/fees-and-gas.ts";
import { nanodollars } from "../../../src/money/nanodollars.ts";
import { posted } from "./posted.ts";

const amount = nanodollars(2_100_000n);

describe("fees and gas", () => {
  it("a network fee comes out of the gas tank, once per transaction, and says whose it was", () => {
    const draft = networkFeePaid({ chain: "base", transactionId: "0x1", amount, purchaseId: "pur_1" });
    expect(posted(draft)).toEqual(["network-cost/base -> gas-tank/base 2100000"]);
    expect(draft).toMatchObject({ idempotencyKey: "network-fee:base:0x1", metadata: { purchase: "pur_1" } });
    expect(networkFeePaid({ chain: "base", transactionId: "0x1", amount }).metadata).toEqual({ transaction: "0x1" });
  });

  it("gas is bought from the treasury", () => {
    const draft = gasTankFilled({ chain: "base", token: "usdc", transactionId: "0x2", amount });
    expect(posted(draft)).toEqual(["gas-tank/base -> treasury/base/usdc 2100000"]);
  });

  it("an upstream's line is a cost once per line and period", () => {
    const cost = { source: "aws", lineId: "line-1", period: "2026-11-19", amount };
    expect(posted(upstreamCostIncurred(cost))).toEqual(["cost-of-goods/aws -> upstream-payable/aws 2100000"]);
    expect(upstreamCostIncurred(cost).idempotencyKey).toBe("cost:aws:line-1:2026-11-19");
  });
});
