import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { accounts } from "../../src/ledger/chart-of-accounts.ts";
import { assertEntryWords, type Posting, pairPostings } from "../../src/ledger/entry.ts";
import { nanodollars } from "../../src/money/nanodollars.ts";

const names = ["a", "b", "c", "d"].map((id) => accounts.purchase(id));
const others = ["e", "f", "g", "h"].map((id) => accounts.revenue(id));
const posting = (account: (typeof names)[number], side: "debit" | "credit", amount: bigint): Posting => ({
  account,
  side,
  amount: nanodollars(amount),
});

/** Two lists of amounts with one sum. */
const balanced = fc
  .tuple(
    fc.array(fc.bigInt(1n, 10n ** 12n), { minLength: 1, maxLength: 8 }),
    fc.array(fc.bigInt(1n, 10n ** 12n), { minLength: 1, maxLength: 8 }),
  )
  .map(([debits, credits]) => {
    const sum = (amounts: bigint[]) => amounts.reduce((total, amount) => total + amount, 0n);
    const difference = sum(debits) - sum(credits);
    if (difference > 0n) credits.push(difference);
    if (difference < 0n) debits.push(-difference);
    return [
      ...debits.map((amount, n) => posting(names[n % 4] ?? accounts.purchase("x"), "debit", amount)),
      ...credits.map((amount, n) => posting(others[n % 4] ?? accounts.revenue("x"), "credit", amount)),
    ];
  });

const sumBy = (rows: readonly (readonly [string, bigint])[]) => {
  const sums = new Map<string, bigint>();
  for (const [name, amount] of rows) sums.set(name, (sums.get(name) ?? 0n) + amount);
  return sums;
};

describe("pairing", () => {
  it("says with transfers exactly what the postings said, with fewer transfers than postings", () => {
    fc.assert(
      fc.property(balanced, (postings) => {
        const transfers = pairPostings(postings);
        expect(transfers.length).toBeLessThan(postings.length);
        expect(transfers.every(({ amount, debit, credit }) => amount > 0n && debit !== credit)).toBe(true);
        for (const side of ["debit", "credit"] as const) {
          const said = sumBy(
            postings.filter((one) => one.side === side).map(({ account, amount }) => [account, amount]),
          );
          expect(sumBy(transfers.map((transfer) => [transfer[side], transfer.amount]))).toEqual(said);
        }
      }),
    );
  });

  it("refuses any draft whose sides differ, by however little", () => {
    fc.assert(
      fc.property(balanced, fc.bigInt(1n, 1000n), (postings, extra) => {
        const lopsided = [...postings, posting(accounts.treasury("base", "usdc"), "debit", extra)];
        expect(() => pairPostings(lopsided)).toThrow(expect.objectContaining({ code: "unbalanced_entry" }));
      }),
    );
  });

  it("refuses no postings, one posting, an account on both sides, held funds and too many postings", () => {
    const [a, e] = [accounts.purchase("a"), accounts.revenue("e")];
    const bad = [
      [],
      [posting(a, "debit", 1n)],
      [posting(a, "debit", 1n), posting(a, "credit", 1n)],
      [posting(accounts.held(a), "debit", 1n), posting(e, "credit", 1n)],
      Array.from({ length: 201 }, () => posting(a, "debit", 1n)),
    ];
    for (const postings of bad)
      expect(() => pairPostings(postings)).toThrow(expect.objectContaining({ code: "invalid_entry" }));
  });
});

describe("words", () => {
  it("have bounds: keys, texts, metadata and times", () => {
    const usage = { quantity: "1", unit: "GB" };
    const bad = [
      { idempotencyKey: "" },
      { idempotencyKey: "x".repeat(401) },
      { idempotencyKey: "k\0" },
      { idempotencyKey: "k", metadata: { text: "a\0b" } },
      { idempotencyKey: "k", metadata: { text: "x".repeat(16_000) } },
      { idempotencyKey: "k", usage: { ...usage, unit: "" } },
      { idempotencyKey: "k", usage: { ...usage, occurredAt: new Date(Number.NaN) } },
      { idempotencyKey: "k", usage: { ...usage, occurredAt: new Date("1969-12-31T23:59:59Z") } },
    ];
    for (const words of bad)
      expect(() => assertEntryWords(words)).toThrow(expect.objectContaining({ code: "invalid_entry" }));
    expect(() =>
      assertEntryWords({ idempotencyKey: "k", usage, description: "ü\u{1F600}", metadata: { a: [null, true] } }),
    ).not.toThrow();
  });
});
