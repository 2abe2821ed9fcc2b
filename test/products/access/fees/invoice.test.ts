import { expect, it } from "vitest";
import { parseDollars, ZERO } from "../../../../src/money/nanodollars.ts";
import {
  type InvoiceLine,
  invoiceView,
  monthAfter,
  monthOf,
  sumOfLines,
} from "../../../../src/products/access/fees/invoice.ts";

const line = (changes: Partial<InvoiceLine> = {}): InvoiceLine => ({
  ...{ network: "solana:local", token: "USDC", payments: 1, gross: parseDollars("1"), grossUnits: 1_000_000n },
  ...{ fee: parseDollars("0.02"), feeUnits: 20_000n, returned: ZERO, returnedFee: ZERO, ...changes },
});

it("claims fees less those on what was given back, which may be more", () => {
  expect(sumOfLines([line(), line({ returnedFee: parseDollars("0.005") })])).toBe(parseDollars("0.035"));
  expect(sumOfLines([line({ fee: ZERO, returnedFee: parseDollars("0.5") })])).toBe(parseDollars("-0.5"));
  expect(sumOfLines([])).toBe(0n);
});

it("takes months in UTC, over the turn of a year and of a short month", () => {
  const iso = (time: string) => [monthOf(new Date(time)), monthAfter(new Date(time))].map((date) => date.toISOString());
  expect(iso("2026-12-31T23:59:59.999Z")).toEqual(["2026-12-01T00:00:00.000Z", "2027-01-01T00:00:00.000Z"]);
  expect(iso("2028-01-31T12:00:00Z")).toEqual(["2028-01-01T00:00:00.000Z", "2028-02-01T00:00:00.000Z"]);
  expect(iso("2026-06-30T23:30:00-02:00")).toEqual(["2026-07-01T00:00:00.000Z", "2026-08-01T00:00:00.000Z"]);
});

it("shows dollars and base units as text, and each line's own claim", () => {
  const issuedAt = new Date("2026-06-02T00:00:00Z");
  const view = invoiceView({
    ...{ id: "inv_1", merchantId: "mer_1", month: "2026-05-01", amount: parseDollars("0.015"), status: "open" },
    ...{ coversFrom: new Date("2026-05-01T00:00:00Z"), coversTo: new Date("2026-06-01T00:00:00Z") },
    ...{ lines: [line({ returnedFee: parseDollars("0.005") })], reference: null, issuedAt, paidAt: null },
  });
  expect(view).toMatchObject({ month: "2026-05", amount: "0.015", currency: "USD", paidAt: null });
  expect(view.lines).toMatchObject([{ grossUnits: "1000000", fee: "0.02", returnedFee: "0.005", amount: "0.015" }]);
});
