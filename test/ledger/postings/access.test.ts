import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { accounts } from "../../../src/ledger/chart-of-accounts.ts";
import type { EntryDraft } from "../../../src/ledger/entry.ts";
import {
  accessSold,
  accessUnserved,
  balanceSpent,
  feeInvoicePaid,
  merchantPaidOut,
  payerRefundedByMerchant,
  payoutReturned,
  payoutStarted,
  type SaleMode,
  unusedTimeReturned,
} from "../../../src/ledger/postings/access.ts";
import { nanodollars, parseDollars, ZERO } from "../../../src/money/nanodollars.ts";
import { posted } from "./posted.ts";

const account = accounts.payer("mer_1", "evm:0xabc");
const payment = { paymentId: "pay_1", merchantId: "mer_1", network: "solana:local", token: "USDC" };
const [gross, fee] = [parseDollars("1"), parseDollars("0.02")];
/** What each account was credited less what it was debited. */
function creditsOf(drafts: readonly EntryDraft[]): (account: string) => bigint {
  for (const draft of drafts) posted(draft);
  const lines = drafts.flatMap(({ postings }) => postings);
  return (name) =>
    lines
      .filter((line) => line.account === name)
      .reduce((sum, line) => sum + (line.side === "debit" ? -line.amount : line.amount), 0n);
}

const drafted = <Draft>(draft: Draft | null): Draft => {
  if (draft === null) throw new Error("nothing would be posted");
  return draft;
};

describe("access that was sold", () => {
  it("owes us the fee alone in direct mode, and the merchant its net in custodial mode", () => {
    expect(posted(drafted(accessSold({ ...payment, mode: "direct", gross, fee })))).toEqual([
      "receivable/mer_1 -> platform-fee/access 20000000",
    ]);
    expect(posted(drafted(accessSold({ ...payment, mode: "custodial", gross, fee })))).toEqual([
      "settlement-wallet/solana:local/USDC -> merchant/mer_1 980000000",
      "settlement-wallet/solana:local/USDC -> platform-fee/access 20000000",
    ]);
  });

  it("without a fee books nothing in direct mode and all of it for the merchant in custodial mode", () => {
    expect(accessSold({ ...payment, mode: "direct", gross, fee: ZERO })).toBeNull();
    expect(posted(drafted(accessSold({ ...payment, mode: "custodial", gross, fee: ZERO })))).toEqual([
      "settlement-wallet/solana:local/USDC -> merchant/mer_1 1000000000",
    ]);
    expect(posted(drafted(accessSold({ ...payment, mode: "custodial", gross, fee: gross })))).toEqual([
      "settlement-wallet/solana:local/USDC -> platform-fee/access 1000000000",
    ]);
  });

  it("keeps what was sent beyond the price for the payer, apart from the fee", () => {
    const left = { account, amount: nanodollars(5n) };
    expect(posted(drafted(accessSold({ ...payment, mode: "direct", gross, fee, left })))).toEqual([
      "receivable/mer_1 -> platform-fee/access 20000000",
      `receivable/mer_1:refunds -> ${account} 5`,
    ]);
    expect(posted(drafted(accessSold({ ...payment, mode: "custodial", gross, fee, left }))).at(-1)).toBe(
      `settlement-wallet/solana:local/USDC -> ${account} 5`,
    );
  });

  it("is booked once as what it was: sold, unserved or paid from a balance", () => {
    const keys = [
      drafted(accessSold({ ...payment, mode: "custodial", gross, fee })),
      accessUnserved({ ...payment, mode: "custodial", account, amount: gross }),
      drafted(balanceSpent({ ...payment, mode: "custodial", account, gross, fee })),
    ].map(({ idempotencyKey }) => idempotencyKey);
    expect(new Set(keys)).toEqual(new Set(["access-payment:pay_1"]));
  });
});

describe("a payer's money", () => {
  it("that bought nothing is the payer's, without a fee", () => {
    expect(posted(accessUnserved({ ...payment, mode: "direct", account, amount: gross }))).toEqual([
      `receivable/mer_1:refunds -> ${account} 1000000000`,
    ]);
    expect(posted(accessUnserved({ ...payment, mode: "custodial", account, amount: gross }))).toEqual([
      `settlement-wallet/solana:local/USDC -> ${account} 1000000000`,
    ]);
  });

  it("comes back for unused time, and our fee on it goes back to the merchant", () => {
    const returned = { sessionId: "ses_1", paymentId: "pay_1", merchantId: "mer_1", account, amount: gross, fee };
    const direct = drafted(unusedTimeReturned({ ...returned, mode: "direct" }));
    expect(posted(direct)).toEqual([
      `receivable/mer_1:refunds -> ${account} 1000000000`,
      "platform-fee/access -> receivable/mer_1 20000000",
    ]);
    expect(direct.idempotencyKey).toBe("access-returned:ses_1:pay_1");
    expect(posted(drafted(unusedTimeReturned({ ...returned, mode: "custodial" })))).toEqual([
      `merchant/mer_1 -> ${account} 980000000`,
      `platform-fee/access -> ${account} 20000000`,
    ]);
  });

  it("buys time again, with the fee on it", () => {
    expect(posted(drafted(balanceSpent({ ...payment, mode: "direct", account, gross, fee })))).toEqual([
      `${account} -> receivable/mer_1:refunds 1000000000`,
      "receivable/mer_1 -> platform-fee/access 20000000",
    ]);
    expect(posted(drafted(balanceSpent({ ...payment, mode: "custodial", account, gross, fee })))).toEqual([
      `${account} -> merchant/mer_1 980000000`,
      `${account} -> platform-fee/access 20000000`,
    ]);
  });

  it("is owed no more by a merchant that gave it back from its own wallet", () => {
    const refund = { refundId: "prf_1", merchantId: "mer_1", account, amount: gross };
    expect(posted(payerRefundedByMerchant(refund))).toEqual([`${account} -> receivable/mer_1:refunds 1000000000`]);
  });
});

describe("a merchant's account", () => {
  it("owes us no fee any more once its invoice is paid, whatever it owes its payers", () => {
    const draft = feeInvoicePaid({ invoiceId: "inv_1", merchantId: "mer_1", amount: fee });
    expect(posted(draft)).toEqual(["owner-funds/outside/usd -> receivable/mer_1 20000000"]);
  });

  it("is paid out by way of what is in transit, which either lands or comes back", () => {
    const payout = { payoutId: "pout_1", merchantId: "mer_1", network: "solana:local", token: "USDC", amount: gross };
    expect(posted(payoutStarted(payout))).toEqual(["merchant/mer_1 -> payout-in-transit/solana:local/USDC 1000000000"]);
    const landed = merchantPaidOut({ ...payout, transactionId: "0x1" });
    expect(posted(landed)).toEqual([
      "payout-in-transit/solana:local/USDC -> settlement-wallet/solana:local/USDC 1000000000",
    ]);
    expect(posted(payoutReturned(payout))).toEqual([
      "payout-in-transit/solana:local/USDC -> merchant/mer_1 1000000000",
    ]);
    expect(payoutReturned(payout).idempotencyKey).toBe(landed.idempotencyKey);
  });
});

describe("whatever the amounts are", () => {
  it("selling, returning and spending again leaves the payer and the merchant where one sale would", () => {
    const modes = fc.constantFrom<SaleMode>("direct", "custodial");
    fc.assert(
      fc.property(modes, fc.bigInt(1n, 10n ** 15n), fc.integer({ min: 0, max: 10_000 }), (mode, amount, points) => {
        const price = nanodollars(amount);
        const cut = nanodollars((amount * BigInt(points)) / 10_000n);
        const drafts = [
          accessSold({ ...payment, mode, gross: price, fee: cut }),
          unusedTimeReturned({ ...payment, sessionId: "s", mode, account, amount: price, fee: cut }),
          balanceSpent({ ...payment, paymentId: "pay_2", mode, account, gross: price, fee: cut }),
        ];
        const sums = creditsOf(drafts.filter((draft) => draft !== null));
        expect([sums(account), sums("receivable/mer_1:refunds")]).toEqual([0n, 0n]);
        expect(sums("platform-fee/access")).toBe(cut);
        expect(sums("merchant/mer_1")).toBe(mode === "direct" ? 0n : amount - cut);
      }),
    );
  });
});
