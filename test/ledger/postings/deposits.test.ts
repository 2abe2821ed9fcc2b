import { describe, expect, it } from "vitest";
import { accounts } from "../../../src/ledger/chart-of-accounts.ts";
import {
  depositConfirmed,
  depositInSuspense,
  depositReversed,
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

describe("a deposit that its chain lost", () => {
  const reversal = (covered: string) =>
    depositReversed({ ...transfer, account, covered: parseDollars(covered), family: "purchases" });

  it("is taken back from who got it, and what was used already is bad debt", () => {
    const wallet = "deposit-wallet/eip155:8453/usdc";
    expect(posted(reversal("10"))).toEqual([`${account} -> ${wallet} 10000000000`]);
    expect(posted(reversal("4"))).toEqual([
      `${account} -> ${wallet} 4000000000`,
      `bad-debt/purchases -> ${wallet} 6000000000`,
    ]);
    expect(posted(reversal("0"))).toEqual([`bad-debt/purchases -> ${wallet} 10000000000`]);
  });

  it("is taken back once, whatever the balance was at each try, and once more for each time it was credited again", () => {
    expect(reversal("10").idempotencyKey).toBe("deposit-reversed:deposit:eip155:8453:0xabc:3");
    expect(reversal("4").sameInputAs).toEqual(reversal("10").sameInputAs);
    const again = { ...transfer, account, occasion: 2 };
    expect(depositConfirmed(again).idempotencyKey).toBe("deposit:eip155:8453:0xabc:3:2");
    expect(depositReversed({ ...again, covered: transfer.amount, family: "purchases" }).idempotencyKey).toBe(
      "deposit-reversed:deposit:eip155:8453:0xabc:3:2",
    );
    expect(suspenseResolved({ ...again, reason: "late" }).idempotencyKey).toBe("suspense:eip155:8453:0xabc:3:2");
  });

  it("is missing in the treasury when it was sent straight there", () => {
    const draft = depositInSuspense({ ...transfer, reason: "wrong-address", heldAt: "treasury" });
    expect(posted(draft)).toEqual(["treasury/eip155:8453/usdc -> suspense/wrong-address 10000000000"]);
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
