import type { Nanodollars } from "../../money/nanodollars.ts";
import { accounts } from "../chart-of-accounts.ts";
import type { EntryDraft } from "../entry.ts";

/**
 * A chain took its fee from the gas tank: our cost, at the coin's dollar price of that moment. Key: `network-fee:<chain>:<transaction>`,
 * with `:<part>` behind it where one transaction served several. `purchaseId` says whose sweep it was, for the cost per purchase.
 */
export function networkFeePaid(fee: {
  readonly chain: string;
  readonly transactionId: string;
  readonly amount: Nanodollars;
  readonly part?: string;
  readonly purchaseId?: string;
}): EntryDraft {
  const part = fee.part === undefined ? "" : `:${fee.part}`;
  return {
    kind: "network_fee_paid",
    idempotencyKey: `network-fee:${fee.chain}:${fee.transactionId}${part}`,
    postings: [
      { account: accounts.networkCost(fee.chain), side: "debit", amount: fee.amount },
      { account: accounts.gasTank(fee.chain), side: "credit", amount: fee.amount },
    ],
    metadata: { transaction: fee.transactionId, ...(fee.purchaseId === undefined ? {} : { purchase: fee.purchaseId }) },
  };
}

/** Native coin was bought for the gas tank with treasury tokens. Key: `gas-fill:<chain>:<transaction>`. */
export function gasTankFilled(fill: {
  readonly chain: string;
  readonly token: string;
  readonly transactionId: string;
  readonly amount: Nanodollars;
}): EntryDraft {
  return {
    kind: "gas_tank_filled",
    idempotencyKey: `gas-fill:${fill.chain}:${fill.transactionId}`,
    postings: [
      { account: accounts.gasTank(fill.chain), side: "debit", amount: fill.amount },
      { account: accounts.treasury(fill.chain, fill.token), side: "credit", amount: fill.amount },
    ],
    metadata: { transaction: fill.transactionId },
  };
}

/**
 * What a party upstream charged us for what a customer used. `period` and `lineId` make the key, so a cost report imported twice costs
 * once. Key: `cost:<source>:<line id>:<period>`.
 */
export function upstreamCostIncurred(cost: {
  readonly source: string;
  readonly lineId: string;
  readonly period: string;
  readonly amount: Nanodollars;
}): EntryDraft {
  return {
    kind: "cost_imported",
    idempotencyKey: `cost:${cost.source}:${cost.lineId}:${cost.period}`,
    postings: [
      { account: accounts.costOfGoods(cost.source), side: "debit", amount: cost.amount },
      { account: accounts.upstreamPayable(cost.source), side: "credit", amount: cost.amount },
    ],
    metadata: { line: cost.lineId, period: cost.period },
  };
}
