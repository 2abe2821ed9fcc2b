import { describe, expect, it } from "vitest";
import { accounts } from "../../../src/ledger/chart-of-accounts.ts";
import { refundPaidByCard, refundPaidInTokens } from "../../../src/ledger/postings/refunds.ts";
import { nanodollars } from "../../../src/money/nanodollars.ts";
import { posted } from "./posted.ts";

const refund = { refundId: "ref_1", account: accounts.credit("cus_1"), amount: nanodollars(9n) };

describe("a refund", () => {
  it("lowers what we owe and what we hold, in tokens or by card, once", () => {
    const [tokens, card] = [refundPaidInTokens({ ...refund, chain: "base", token: "usdc" }), refundPaidByCard(refund)];
    expect(posted(tokens)).toEqual(["credit/cus_1 -> treasury/base/usdc 9"]);
    expect(posted(card)).toEqual(["credit/cus_1 -> stripe-clearing/usd 9"]);
    expect(tokens.idempotencyKey).toBe(card.idempotencyKey);
  });
});
