import { describe, expect, it } from "vitest";
import { accounts } from "../../../src/ledger/chart-of-accounts.ts";
import {
  depositConfirmed,
  depositInSuspense,
  depositSwept,
  suspenseResolved,
  sweepArrived,
  sweepStarted,
} from "../../../src/ledger/postings/deposits.ts";
import { parseDollars } from "../../../src/money/nanodollars.ts";
import { posted } from "./posted.ts";

const transfer = {
  chain: "eip155:8453",
  token: "usdc",
  transactionId: "0xabc",
  logIndex: 3,
  amount: parseDollars("10"),
};
const account = accounts.purchase("pur_1");
const sweep = { sweepId: "swp_1", chain: "base", token: "usdc", amount: parseDollars("10") };

describe("a deposit", () => {
  it("owes the customer exactly what reached the deposit address, once per transfer of a transaction", () => {
    const draft = depositConfirmed({ ...transfer, account });
    expect(posted(draft)).toEqual([`deposit-wallet/eip155:8453/usdc -> ${account} 10000000000`]);
    expect(draft.idempotencyKey).toBe("deposit:eip155:8453:0xabc:3");
    expect(depositConfirmed({ ...transfer, logIndex: 4, account }).idempotencyKey).not.toBe(draft.idempotencyKey);
  });

  it("is either credited or in suspense: both share one key", () => {
    const draft = depositInSuspense({ ...transfer, reason: "late" });
    expect(posted(draft)).toEqual(["deposit-wallet/eip155:8453/usdc -> suspense/late 10000000000"]);
    expect(draft.idempotencyKey).toBe(depositConfirmed({ ...transfer, account }).idempotencyKey);
  });

  it("leaves suspense for one owner only", () => {
    const draft = suspenseResolved({ ...transfer, reason: "late", account });
    expect(posted(draft)).toEqual([`suspense/late -> ${account} 10000000000`]);
    expect(suspenseResolved({ ...transfer, reason: "late", account: accounts.purchase("pur_2") }).idempotencyKey).toBe(
      draft.idempotencyKey,
    );
  });
});

describe("a sweep", () => {
  it("goes from the deposit address to the treasury, in transit between when it was posted so", () => {
    expect(posted(sweepStarted(sweep))).toEqual(["sweep-in-transit/base/usdc -> deposit-wallet/base/usdc 10000000000"]);
    expect(posted(sweepArrived({ ...sweep, transactionId: "0x1" }))).toEqual([
      "treasury/base/usdc -> sweep-in-transit/base/usdc 10000000000",
    ]);
    expect(posted(depositSwept({ ...sweep, transactionId: "0x1" }))).toEqual([
      "treasury/base/usdc -> deposit-wallet/base/usdc 10000000000",
    ]);
  });

  it("arrives once, whichever of the two ways it is posted", () => {
    const keys = [sweepArrived, depositSwept].map(
      (posting) => posting({ ...sweep, transactionId: "0x1" }).idempotencyKey,
    );
    expect(new Set(keys).size).toBe(1);
  });
});
