import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { applyOffers, findOffer } from "../../../src/products/purchases/offer-store.ts";
import { readOfferFile } from "../../../src/products/purchases/offers.ts";
import { startTestApp, type TestApp } from "../../support/app.ts";
import { finalize, initiate, OFFER, paidSession } from "./sales.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

function theOffer() {
  const [offer] = readOfferFile();
  if (offer === undefined) throw new Error("the data file is empty");
  return offer;
}

describe("applyOffers", () => {
  it("makes the table say what the file says, from several starting servers at once", async () => {
    const changed = { ...theOffer(), title: "Changed" };
    await Promise.all(Array.from({ length: 5 }, () => applyOffers(app.database, [changed])));
    expect(await findOffer(app.database, { id: OFFER })).toEqual(changed);
    await applyOffers(app.database, readOfferFile());
    expect(await findOffer(app.database, { id: OFFER })).toEqual(theOffer());
  });

  it("keeps an offer that left the file: who is in its checkout still gets it", async () => {
    const session = await paidSession(app);
    await applyOffers(app.database, []);
    expect((await finalize(app, session)).purchase.offerId).toBe(OFFER);
  });

  it("a raised minimum does not touch a checkout that is open", async () => {
    const session = await initiate(app);
    await applyOffers(app.database, [{ ...theOffer(), terms: { ...theOffer().terms, minimum_deposit: "50" } }]);
    expect((await initiate(app)).checkout.minimum).toBe(50_000_000_000n);
    expect(session.checkout.minimum).toBe(1_000_000_000n);
    await applyOffers(app.database, readOfferFile());
  });
});

describe("findOffer", () => {
  it("finds by id or by checkout flow, and nothing else", async () => {
    const { checkout_flow_id } = theOffer();
    expect(await findOffer(app.database, { checkout_flow_id })).toEqual(theOffer());
    expect(await findOffer(app.database, { id: checkout_flow_id })).toBeNull();
    expect(await findOffer(app.database, { id: "' OR 1=1 --" })).toBeNull();
  });
});
