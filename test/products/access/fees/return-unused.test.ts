import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readBalance } from "../../../../src/ledger/balances.ts";
import { accounts } from "../../../../src/ledger/chart-of-accounts.ts";
import { nanodollars, parseDollars } from "../../../../src/money/nanodollars.ts";
import { readPayerBalance } from "../../../../src/products/access/fees/payer-balances.ts";
import { returnUnused, shareUnused } from "../../../../src/products/access/fees/return-unused.ts";
import { splitFee } from "../../../../src/products/access/fees/split.ts";
import { type FeesWorld, feesOwed, startFeesWorld } from "./fees-world.ts";

let world: FeesWorld;
beforeAll(async () => {
  world = await startFeesWorld();
});
afterAll(() => world.close());

const at = new Date("2026-11-10T10:00:00Z");
const later = new Date("2026-11-10T10:05:00Z");
const give = (sessionId: string, dollars: string) =>
  world.database.transaction((transaction) =>
    returnUnused(transaction, world, { sessionId, amount: parseDollars(dollars), now: later }),
  );
const solana = (merchantId: string, address: string) => ({ merchantId, kind: "solana", address }) as const;

describe("unused time that is given back", () => {
  it("goes to who paid last first, once, and takes our fee on it back", async () => {
    const merchantId = await world.merchant();
    const { sessionId } = await world.sell({ merchantId, units: 1_000_000n, at, payer: "First11" });
    await world.sell({ merchantId, units: 500_000n, at: later, payer: "Second1", sessionId });
    expect(await world.debitBalance(feesOwed(merchantId))).toBe(30_000_000n);
    expect(await give(sessionId, "0.7")).toBe(parseDollars("0.7"));
    expect(await give(sessionId, "0.7")).toBe(parseDollars("0.7"));
    expect((await readPayerBalance(world.database, solana(merchantId, "Second1"))).direct).toBe(parseDollars("0.5"));
    expect((await readPayerBalance(world.database, solana(merchantId, "First11"))).direct).toBe(parseDollars("0.2"));
    expect(await world.debitBalance(feesOwed(merchantId))).toBe(16_000_000n);
    expect(await world.debitBalance(accounts.refundsReceivable(merchantId))).toBe(700_000_000n);
  });

  it("is owed by a custodial merchant even after it was paid out: its account goes below zero", async () => {
    const merchantId = await world.merchant({ mode: "custodial" });
    const { sessionId } = await world.sell({ merchantId, units: 1_000_000n, at, mode: "custodial" });
    const account = accounts.merchantPayable(merchantId);
    const drain = { account: accounts.payoutInTransit("solana:local", "USDC"), side: "credit" } as const;
    const amount = parseDollars("0.98");
    await world.ledger.post({
      kind: "merchant_payout_started",
      idempotencyKey: `drain:${merchantId}`,
      postings: [
        { account, side: "debit", amount },
        { ...drain, amount },
      ],
    });
    await give(sessionId, "1");
    expect((await readBalance(world.database, account)).available).toBe(-amount);
    expect((await readPayerBalance(world.database, solana(merchantId, "Payer1111"))).custodial).toBe(parseDollars("1"));
  });

  it("of two sessions that the same payers paid in turn is given back at the same time: neither waits for the other for ever", async () => {
    for (let round = 0; round < 10; round += 1) {
      const merchantId = await world.merchant();
      const paid = async (first: string, last: string) => {
        const { sessionId } = await world.sell({ merchantId, units: 1_000_000n, at, payer: first });
        await world.sell({ merchantId, units: 1_000_000n, at: later, payer: last, sessionId });
        return sessionId;
      };
      const sessions = [await paid("First11", "Second1"), await paid("Second1", "First11")];
      const given = await Promise.all(sessions.map((sessionId) => give(sessionId, "2")));
      expect(given).toEqual([parseDollars("2"), parseDollars("2")]);
      expect((await readPayerBalance(world.database, solana(merchantId, "First11"))).direct).toBe(parseDollars("2"));
    }
  });

  it("is at most what was paid, and nothing for a session nobody paid for", async () => {
    const merchantId = await world.merchant();
    const { sessionId } = await world.sell({ merchantId, units: 250_000n, at });
    expect(await give(sessionId, "9")).toBe(parseDollars("0.25"));
    expect(await give("ses_none", "1")).toBe(0n);
  });
});

it("whatever is given back, no payment gives more than it paid and the fees fit", () => {
  const paid = fc.record({ units: fc.bigInt(1n, 10n ** 9n), points: fc.integer({ min: 0, max: 10_000 }) });
  fc.assert(
    fc.property(fc.array(paid, { maxLength: 5 }), fc.bigInt(0n, 10n ** 13n), (payments, wanted) => {
      const parts = payments.map(({ units, points }, place) => ({
        paymentId: `pay_${place}`,
        merchantId: "mer_1",
        payer: "P",
        mode: "direct" as const,
        gross: nanodollars(units * 1_000n),
        amountUnits: units,
        feeUnits: splitFee(units, points).feeUnits,
      }));
      const total = parts.reduce((sum, { gross }) => sum + gross, 0n);
      const shared = shareUnused(parts, nanodollars(wanted));
      const given = shared.reduce((sum, { amount }) => sum + amount, 0n);
      expect(given === wanted || (given === total && wanted > total)).toBe(true);
      for (const { payment, amount, fee } of shared) {
        expect(amount > 0n && amount <= payment.gross && fee >= 0n && fee <= amount).toBe(true);
      }
    }),
  );
});
