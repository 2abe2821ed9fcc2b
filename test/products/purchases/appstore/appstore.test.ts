import { afterAll, beforeAll, expect, it } from "vitest";
import { readList, suggestLists } from "../../../../src/products/purchases/appstore/appstore.ts";
import { applyCatalogue } from "../../../../src/products/purchases/offer-catalogue.ts";
import { readBuiltInCatalogue } from "../../../../src/products/purchases/offers.ts";
import { startTestApp, type TestApp } from "../../../support/app.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

const NOBODY = { keywords: [], country: null, profession: null, preferences: [] };

it("suggests nothing without a catalogue, and takes a list down with its last offer", async () => {
  expect(await suggestLists(app.context, NOBODY)).toEqual([]);
  const { lists, offers } = readBuiltInCatalogue();
  await applyCatalogue(app.context, { catalogue: { lists, offers }, source: "file" });
  expect((await suggestLists(app.context, NOBODY)).map(({ list }) => list.id)).toEqual(["recommended_s3", "popular"]);
  const [offer] = offers;
  if (offer === undefined) throw new Error("the catalogue is empty");
  const successor = { ...offer, id: "successor", appstore: undefined };
  await applyCatalogue(app.context, { catalogue: { lists, offers: [successor] }, source: "file" });
  expect(await suggestLists(app.context, NOBODY)).toEqual([]);
  expect((await readList(app.context, { listId: "popular", asker: NOBODY })).offers).toEqual([]);
});
