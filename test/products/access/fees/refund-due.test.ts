import { expect, it } from "vitest";
import { nanodollars } from "../../../../src/money/nanodollars.ts";
import {
  causesOf,
  type RefundCause,
  refundDueView,
  refundedPart,
} from "../../../../src/products/access/fees/refund-due.ts";

const cause = (paymentId: string, amount: bigint, at: string): RefundCause => ({
  ...{ paymentId, payer: "0xAb", payTo: "0xCd", network: "eip155:8453", reason: "unused_time" },
  ...{ amount: nanodollars(amount), at: new Date(at) },
});
const old = cause("apy_1", 100n, "2026-11-01T00:00:00Z");
const middle = cause("apy_2", 50n, "2026-11-02T00:00:00Z");
const young = cause("apy_3", 30n, "2026-11-03T00:00:00Z");

it("explains what is left by the newest that came, as what was spent was the oldest", () => {
  expect(causesOf({ amount: nanodollars(30n) }, [old, middle, young])).toEqual([young]);
  expect(causesOf({ amount: nanodollars(31n) }, [old, middle, young])).toEqual([young, middle]);
  expect(causesOf({ amount: nanodollars(180n) }, [young, old, middle])).toEqual([young, middle, old]);
  expect(causesOf({ amount: nanodollars(0n) }, [old])).toEqual([]);
});

it("shows since when and in the spelling of the chain", () => {
  const due = { id: "due_1", account: "payer/m/evm:0xab", merchantId: "m", mode: "direct", kind: "evm" } as const;
  const view = refundDueView({ ...due, payer: "0xab", amount: nanodollars(80n) }, [young, middle]);
  expect(view).toMatchObject({ payer: "0xAb", since: "2026-11-02T00:00:00.000Z", amount: "0.00000008" });
  const unknown = refundDueView({ ...due, payer: "0xab", amount: nanodollars(80n) }, []);
  expect(unknown).toMatchObject({ payer: "0xab", since: null, causes: [] });
});

it("takes no more off a balance than is there", () => {
  expect(refundedPart(nanodollars(5n), nanodollars(3n))).toBe(3n);
  expect(refundedPart(nanodollars(2n), nanodollars(3n))).toBe(2n);
});
