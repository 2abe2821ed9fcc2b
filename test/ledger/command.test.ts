import { describe, expect, it } from "vitest";
import { accounts } from "../../src/ledger/chart-of-accounts.ts";
import { detailOf, postCommand, usageOf } from "../../src/ledger/command.ts";
import type { EntryDraft } from "../../src/ledger/entry.ts";
import { nanodollars } from "../../src/money/nanodollars.ts";
import { charge } from "./ledger-world.ts";

const account = accounts.purchase("pur_command");
const revenue = accounts.revenue("purchases");
const draft = (more: Partial<EntryDraft> = {}): EntryDraft => ({ ...charge(account, "usage-1", 25n), ...more });

describe("the command of a draft", () => {
  it("moves what the draft moves, from the debited account to the credited one", () => {
    expect(postCommand(draft())).toMatchObject({
      ...{ operation: "post", kind: "usage_metered", refusalCrossesThresholds: false },
      transfers: [{ debit: account, credit: revenue, amount: 25n }],
    });
  });

  it("has the same ref for the same key and another one for another key, 32 hex digits", () => {
    const { ref } = postCommand(draft());
    expect(ref).toMatch(/^[0-9a-f]{32}$/);
    expect(postCommand(draft()).ref).toBe(ref);
    expect(postCommand(draft({ idempotencyKey: "usage-2" })).ref).not.toBe(ref);
  });

  it("tells another amount under the same key apart by its digest", () => {
    const [one, other] = [postCommand(draft()), postCommand(charge(account, "usage-1", 26n))];
    expect(one.ref).toBe(other.ref);
    expect(one.digest).not.toBe(other.digest);
  });

  it("counts usage for the customer account, over the whole amount", () => {
    const { usage } = postCommand(draft({ usage: { quantity: "25", unit: "GB" } }));
    expect(usage).toMatchObject({ account, amount: 25n });
  });

  it("does not exist for a draft that is not balanced or not whole", () => {
    const [debit, credit] = draft().postings;
    if (debit === undefined || credit === undefined) throw new Error("a charge has two postings");
    const unequal = [debit, { ...credit, amount: nanodollars(24n) }];
    expect(() => postCommand(draft({ postings: unequal }))).toThrow(
      expect.objectContaining({ code: "unbalanced_entry" }),
    );
    expect(() => postCommand(draft({ idempotencyKey: "" }))).toThrow(
      expect.objectContaining({ code: "invalid_entry" }),
    );
    expect(() => postCommand(draft({ postings: [] }))).toThrow(expect.objectContaining({ code: "invalid_entry" }));
  });
});

describe("the words of an entry", () => {
  it("are kept with its key, so that an entry can be explained", () => {
    const words = { idempotencyKey: "k", description: "a gift", metadata: { order: "1" } };
    expect(detailOf(words)).toEqual({ detail: { key: "k", description: "a gift", metadata: '{"order":"1"}' } });
    expect(detailOf({ idempotencyKey: "k", description: "a gift" })).toEqual({
      detail: { key: "k", description: "a gift" },
    });
  });

  it("cost no row where there are none", () => {
    expect(detailOf({ idempotencyKey: "k" })).toEqual({});
    expect(usageOf(undefined, account, nanodollars(1n))).toEqual({});
  });

  it("leave the account of usage out where only the hold knows it", () => {
    const { usage } = usageOf({ quantity: "1", unit: "call" }, undefined, nanodollars(1n));
    expect([usage?.amount, usage?.account]).toEqual([1n, undefined]);
  });
});
