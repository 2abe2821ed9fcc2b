import { describe, expect, it } from "vitest";
import { ownerFundsOpened, ownerWithdrew } from "../../../src/ledger/postings/owner-funds.ts";
import { nanodollars } from "../../../src/money/nanodollars.ts";
import { posted } from "./posted.ts";

const place = { chain: "base", token: "USDC" };

describe("the owner's funds", () => {
  it("a withdrawal leaves the treasury, once per transfer", () => {
    const draft = ownerWithdrew({ ...place, transactionId: "0x1", logIndex: 2, amount: nanodollars(5n) });
    expect(posted(draft)).toEqual(["owner-funds/base/USDC -> treasury/base/USDC 5"]);
    expect(draft.idempotencyKey).toBe("owner-withdrawal:base:0x1:2");
  });

  it("what a wallet held or lacked before the watch is the owner's", () => {
    const more = ownerFundsOpened({ ...place, wallet: "0xabc", amount: nanodollars(7n) });
    const less = ownerFundsOpened({ ...place, wallet: "0xabc", amount: nanodollars(-7n) });
    expect([...posted(more), ...posted(less)]).toEqual([
      "treasury/base/USDC -> owner-funds/base/USDC 7",
      "owner-funds/base/USDC -> treasury/base/USDC 7",
    ]);
    expect(more.idempotencyKey).toBe("owner-opening:base:USDC:0xabc");
  });
});
