import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  boundFees,
  planDearer,
  readSpending,
  type StuckQuestion,
} from "../../../../src/integrations/x402/own-facilitator/dearer-fees.ts";

const spending = { mostFeeUnits: 100_000n * 1_000n, stuckAfterSeconds: 180 };
const question: StuckQuestion = {
  offered: { maxFeePerGas: 100n, maxPriorityFeePerGas: 10n },
  ...{ gas: 100_000n, now: { gasPrice: 60n, tip: 5n }, versions: 1, ageSeconds: 10, spending },
};

describe("planDearer", () => {
  it("waits while the offer is not below the price of now and the newest version is young", () => {
    expect(planDearer(question)).toEqual({ kind: "wait" });
    expect(planDearer({ ...question, versions: 2, ageSeconds: 359 })).toEqual({ kind: "wait" });
  });

  it("raises what is old by an eighth, and what is too cheap to twice the price of now", () => {
    expect(planDearer({ ...question, ageSeconds: 180 })).toEqual({
      kind: "replace",
      fees: { maxFeePerGas: 120n, maxPriorityFeePerGas: 12n },
    });
    expect(planDearer({ ...question, ageSeconds: 180, now: { gasPrice: 50n, tip: 5n } })).toMatchObject({
      fees: { maxFeePerGas: 113n },
    });
    expect(planDearer({ ...question, now: { gasPrice: 101n, tip: 50n } })).toEqual({
      kind: "replace",
      fees: { maxFeePerGas: 202n, maxPriorityFeePerGas: 50n },
    });
  });

  it("goes up to the most that may be spent, and no further", () => {
    const dear = { ...question, now: { gasPrice: 5_000n, tip: 2_000n } };
    expect(planDearer(dear)).toEqual({
      kind: "replace",
      fees: { maxFeePerGas: 1_000n, maxPriorityFeePerGas: 1_000n },
    });
    const offered = { maxFeePerGas: 900n, maxPriorityFeePerGas: 10n };
    expect(planDearer({ ...dear, offered })).toEqual({ kind: "capped" });
    expect(planDearer({ ...dear, versions: 8 })).toEqual({ kind: "capped" });
  });

  it("only ever signs what every node takes as a replacement and what may be spent", () => {
    const amount = fc.bigInt({ min: 1n, max: 2_000n });
    fc.assert(
      fc.property(amount, amount, amount, amount, (cap, part, gasPrice, tip) => {
        const offered = { maxFeePerGas: cap, maxPriorityFeePerGas: cap / part };
        const plan = planDearer({ ...question, offered, now: { gasPrice, tip }, ageSeconds: 1_000 });
        if (plan.kind !== "replace") return;
        const { maxFeePerGas, maxPriorityFeePerGas } = plan.fees;
        expect(maxFeePerGas * 1_000n).toBeGreaterThanOrEqual(offered.maxFeePerGas * 1_125n);
        expect(maxPriorityFeePerGas * 1_000n).toBeGreaterThanOrEqual(offered.maxPriorityFeePerGas * 1_125n);
        expect(maxPriorityFeePerGas).toBeLessThanOrEqual(maxFeePerGas);
        expect(maxFeePerGas * question.gas).toBeLessThanOrEqual(spending.mostFeeUnits);
      }),
    );
  });
});

describe("boundFees", () => {
  const wanted = { maxFeePerGas: 4_000n, maxPriorityFeePerGas: 3_000n };
  it("offers at most what may be spent, and nothing where that is below the price of now", () => {
    const bounded = { maxFeePerGas: 1_000n, maxPriorityFeePerGas: 1_000n };
    expect(boundFees(wanted, { gas: 100_000n, gasPrice: 1_000n, spending })).toEqual(bounded);
    expect(boundFees(wanted, { gas: 100_000n, gasPrice: 1_001n, spending })).toBeUndefined();
    expect(boundFees(wanted, { gas: 1_000n, gasPrice: 1_001n, spending })).toEqual(wanted);
  });
});

it("reads coins as base units", () => {
  expect(readSpending({ mostFee: "0.002", stuckAfterSeconds: 60 })).toEqual({
    mostFeeUnits: 2_000_000_000_000_000n,
    stuckAfterSeconds: 60,
  });
});
