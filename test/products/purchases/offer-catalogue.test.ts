import { afterAll, beforeAll, expect, it } from "vitest";
import { readOffer } from "../../../src/products/purchases/offer-catalogue.ts";
import { startTestApp, type TestApp } from "../../support/app.ts";
import { OFFER } from "./sales.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

it("reads an offer by its id and by the flow its clients know", async () => {
  const offer = await readOffer(app, { id: OFFER });
  expect(await readOffer(app, { checkout_flow_id: offer.checkout_flow_id })).toEqual(offer);
});

it("refuses a name no offer has", async () => {
  for (const key of [{ id: "none" }, { id: "" }, { checkout_flow_id: OFFER }]) {
    await expect(readOffer(app, key)).rejects.toMatchObject({ code: "offer_not_found" });
  }
});
