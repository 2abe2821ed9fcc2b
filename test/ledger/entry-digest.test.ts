import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { accounts } from "../../src/ledger/chart-of-accounts.ts";
import { digestOf, digestOfInput, refOf } from "../../src/ledger/entry-digest.ts";
import { usageMetered } from "../../src/ledger/postings/usage.ts";
import { nanodollars } from "../../src/money/nanodollars.ts";

const event = {
  account: accounts.purchase("a"),
  family: "purchases",
  eventId: "e",
  amount: nanodollars(1n),
  quantity: "1",
  unit: "GB",
};

describe("the digest", () => {
  it("is the same for the same input, whatever the order of metadata keys", () => {
    const shuffled = fc
      .dictionary(fc.string(), fc.jsonValue())
      .map((object) => ({ object, reversed: Object.fromEntries(Object.entries(object).reverse()) }));
    fc.assert(
      fc.property(
        shuffled,
        ({ object, reversed }) =>
          digestOfInput("x", JSON.parse(JSON.stringify(object))) ===
          digestOfInput("x", JSON.parse(JSON.stringify(reversed))),
      ),
    );
  });

  it("differs with anything the caller said", () => {
    const said = [
      event,
      { ...event, amount: nanodollars(2n) },
      { ...event, account: accounts.purchase("b") },
      { ...event, family: "gateway" },
      { ...event, quantity: "1.0" },
      { ...event, unit: "MB" },
      { ...event, description: "x" },
      { ...event, metadata: {} },
      { ...event, metadata: { a: 1 } },
      { ...event, metadata: { a: "1" } },
      { ...event, occurredAt: new Date(0) },
      { ...event, occurredAt: new Date(1) },
    ];
    expect(new Set(said.map((one) => digestOf(usageMetered(one)))).size).toBe(said.length);
  });

  it("cannot be made equal by moving text from one field to the next", () => {
    const [one, two] = [
      { ...event, unit: "a", description: "b" },
      { ...event, unit: "a\0b", description: "" },
    ];
    expect(digestOf(usageMetered(one))).not.toBe(digestOf(usageMetered({ ...two, unit: "ab" })));
  });
});

describe("the ref", () => {
  it("is 32 hex digits and different for different keys", () => {
    const keys = Array.from({ length: 1000 }, (_, n) => `key ${n}`);
    const refs = new Set(keys.map(refOf));
    expect(refs.size).toBe(1000);
    expect([...refs].every((ref) => /^[0-9a-f]{32}$/.test(ref))).toBe(true);
  });
});
