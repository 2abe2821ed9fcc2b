import { describe, expect, it } from "vitest";
import { DomainError } from "../../src/errors.ts";
import { formatEntryId, type Outcome, POSTED, parseEntryId, REPLAYED, readOutcome } from "../../src/ledger/outcome.ts";

const outcome = (status: number, more: Partial<Outcome> = {}): Outcome => ({
  ...{ status, entryNumber: 42, postedAt: new Date(0), balance: 5n, required: 9_000_000_000n, thresholdsCrossed: [] },
  ...more,
});

function failureOf(given: Outcome): DomainError {
  try {
    readOutcome(given);
  } catch (error) {
    if (error instanceof DomainError) return error;
    throw error;
  }
  throw new Error("it did not fail");
}

describe("what the database answered", () => {
  it("is an entry with the balance after it and what it crossed", () => {
    expect(readOutcome(outcome(POSTED, { thresholdsCrossed: ["low"] }))).toEqual({
      ...{ entryId: "je_42", replayed: false, postedAt: new Date(0), balanceAfter: 5n, thresholdsCrossed: ["low"] },
    });
  });

  it("says so where it had been posted before", () => {
    expect(readOutcome(outcome(REPLAYED))).toMatchObject({ entryId: "je_42", replayed: true });
  });

  it("has no balance where no customer account took part", () => {
    expect(readOutcome(outcome(POSTED, { balance: null })).balanceAfter).toBeNull();
  });

  it.each([
    [2, 409, "idempotency_conflict"],
    [3, 402, "insufficient_funds"],
    [5, 404, "hold_not_found"],
    [6, 409, "hold_already_closed"],
    [7, 422, "hold_exceeded"],
    [8, 409, "hold_expired"],
    [9, 409, "hold_not_expired"],
    [10, 409, "account_closed"],
  ])("of status %i is refused with %i %s", (status, http, code) => {
    expect(failureOf(outcome(status))).toMatchObject({ status: http, code });
  });

  it("tells a caller who cannot pay what is there, what is needed and what the refusal crossed", () => {
    const { members } = failureOf(outcome(3, { balance: 1_500_000_000n, thresholdsCrossed: ["empty"] }));
    expect(members).toEqual({ balance: "1.5", required: "9", thresholds_crossed: ["empty"] });
  });

  it("is never taken for success where the status is unknown", () => {
    expect(() => readOutcome(outcome(99))).toThrow("unknown status 99");
  });
});

describe("an entry id", () => {
  it("is read with and without its prefix, and written with it", () => {
    expect([parseEntryId("je_42"), parseEntryId("42")]).toEqual(["42", "42"]);
    expect(parseEntryId(formatEntryId("900719925474099300"))).toBe("900719925474099300");
  });

  it.each(["", "je_", "je_0", "0", "042", "-1", "1.5", "1e3", "je_1; DROP", "hold_1", "9".repeat(19), " 1"])(
    "%j is 404, not a query",
    (text) => {
      expect(() => parseEntryId(text)).toThrow(expect.objectContaining({ status: 404, code: "entry_not_found" }));
    },
  );
});
