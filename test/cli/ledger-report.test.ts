import { describe, expect, it } from "vitest";
import { reportExplanation, reportTrialBalance, reportVerification } from "../../src/cli/ledger-report.ts";
import { nanodollars } from "../../src/money/nanodollars.ts";

const amount = (value: bigint) => nanodollars(value);
const sound = {
  ...{ sound: true, transfers: 12, drifts: [], driftTotal: amount(0n), brokenEntries: [], tampered: [] },
};

describe("the report of a verification", () => {
  it("of sound books is one sentence", () => {
    const { text, json } = reportVerification(sound, 3);
    expect(text).toBe("The books are sound: 12 transfers recomputed, no drift. 3 new chunk(s) sealed.");
    expect(json).toMatchObject({ sound: true, driftTotal: "0", sealed: 3 });
  });

  it("of unsound books names every finding and ends with the verdict", () => {
    const drift = {
      ...{ account: "purchase/pur_1", drift: amount(7n), openHolds: amount(0n) },
      stored: { available: amount(1_000_000_007n), held: amount(0n) },
      computed: { available: amount(1_000_000_000n), held: amount(0n) },
    };
    const tampered = [{ afterEntry: "je_10", upToEntry: "je_20", reason: "a transfer was changed" }];
    const found = {
      ...sound,
      sound: false,
      drifts: [drift],
      driftTotal: amount(7n),
      brokenEntries: ["je_77"],
      tampered,
    };
    const { text } = reportVerification(found, 0);
    for (const part of ["purchase/pur_1", "1.000000007", "je_77", "after je_10 to je_20", "a transfer was changed"])
      expect(text).toContain(part);
    expect(text.split("\n").at(-1)).toBe("THE BOOKS ARE NOT SOUND: 3 finding(s), drift of 0.000000007 US dollars.");
  });
});

describe("the report of the trial balance", () => {
  it("ends with its two sums, and carries amounts as exact decimal dollars", () => {
    const line = { account: "revenue/purchases", type: "revenue", normalSide: "credit" } as const;
    const sums = { debits: amount(0n), credits: amount(9_007_199_254_740_993_000n), balance: amount(5n) };
    const { text, json } = reportTrialBalance({ lines: [{ ...line, ...sums }], ...sums });
    expect(text.split("\n").at(-2)).toMatch(/total.*9007199254\.740993/);
    expect(json).toMatchObject({ credits: "9007199254.740993", lines: [{ balance: "0.000000005" }] });
  });
});

describe("the report of an entry", () => {
  const entry = {
    ...{ entryId: "je_42", kind: "usage_metered", postedAt: new Date(0), idempotencyKey: null, description: null },
    ...{ metadata: null, reversedBy: null, usage: [] },
    transfers: [{ debit: "purchase/pur_1", credit: "revenue/purchases", amount: amount(2_500_000_000n) }],
  };

  it("says what moved and leaves out what nobody said", () => {
    const { text } = reportExplanation(entry);
    expect(text).toMatch(/purchase\/pur_1.*revenue\/purchases.*2\.5/);
    for (const word of ["description", "metadata", "reversed by", "null"]) expect(text).not.toContain(word);
  });

  it("shows words, usage and the entry that took it back where there are any", () => {
    const usage = [{ quantity: "25", unit: "GB", occurredAt: new Date(0) }];
    const { text } = reportExplanation({ ...entry, description: "storage", usage, reversedBy: "je_43" });
    for (const part of ["description: storage", "usage: 25 GB at 1970-01-01T00:00:00.000Z", "reversed by: je_43"])
      expect(text).toContain(part);
  });
});
