import { expect, it } from "vitest";
import { Offer, priceLine, readOfferFile } from "../../../src/products/purchases/offers.ts";

it("ships offers that hold together: minimum below suggested below maximum, one price per unit", () => {
  for (const offer of readOfferFile()) {
    const { minimum_deposit, suggested_deposit, maximum_deposit, prices } = offer.terms;
    expect(Number(minimum_deposit)).toBeLessThanOrEqual(Number(suggested_deposit));
    expect(Number(suggested_deposit)).toBeLessThanOrEqual(Number(maximum_deposit));
    expect(new Set(prices.map((price) => price.unit)).size).toBe(prices.length);
  }
});

it("refuses an offer whose minimum is nothing", () => {
  const [offer] = readOfferFile();
  expect(Offer.safeParse({ ...offer, terms: { ...offer?.terms, minimum_deposit: "0" } }).success).toBe(false);
});

it("B9: shows on the receipt the prices that are charged", () => {
  const [offer] = readOfferFile();
  const terms = offer?.terms;
  expect(terms === undefined ? "" : priceLine(terms)).toContain(`$${terms?.prices[0]?.dollars}`);
});
