import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  applyCatalogue,
  keepBuiltInCatalogue,
  readCheckoutOffer,
  readOffer,
  resolveList,
} from "../../../src/products/purchases/offer-catalogue.ts";
import type { Catalogue, Offer } from "../../../src/products/purchases/offers.ts";
import { readBuiltInCatalogue } from "../../../src/products/purchases/offers.ts";
import { readPurchaseView } from "../../../src/products/purchases/purchase-view.ts";
import { startTestApp, type TestApp } from "../../support/app.ts";
import { finalize, initiate, OFFER, pay, sell } from "./sales.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());
beforeEach(() => apply(readBuiltInCatalogue()));

const apply = (catalogue: Catalogue, source: "built-in" | "file" = "built-in") =>
  applyCatalogue(app.context, { catalogue, source });

function theOffer(): Offer {
  const [offer] = readBuiltInCatalogue().offers;
  if (offer === undefined) throw new Error("the catalogue is empty");
  return offer;
}

const other = (change: Partial<Offer> = {}): Offer => {
  const named = { id: "other", sku: "other", checkout_flow_id: "other" };
  return { ...theOffer(), ...named, ...change };
};
const changesOf = async (catalogue: Catalogue) =>
  (await apply(catalogue)).map(({ what, id, change, members }) =>
    [what, id, change, members.join(" ")].join(" ").trim(),
  );

describe("readOffer", () => {
  it("finds what is sold, by id or by flow; names are exact", async () => {
    expect(await readOffer(app.context, { id: OFFER })).toEqual(theOffer());
    expect(await readOffer(app.context, { checkout_flow_id: theOffer().checkout_flow_id })).toEqual(theOffer());
    for (const id of [OFFER.toUpperCase(), `${OFFER} `, ""]) {
      await expect(readOffer(app.context, { id })).rejects.toMatchObject({ code: "offer_not_found" });
    }
  });
});

describe("applyCatalogue", () => {
  it("says what was added, changed, unchanged and retired, and nothing the second time", async () => {
    const catalogue = { lists: [], offers: [{ ...theOffer(), title: "Changed" }, other()] };
    expect(await changesOf(catalogue)).toEqual([
      `offer ${OFFER} changed title`,
      "offer other added",
      "list recommended_s3 retired",
      "list popular retired",
    ]);
    expect(await changesOf(catalogue)).toEqual([`offer ${OFFER} unchanged`, "offer other unchanged"]);
    expect(await changesOf(readBuiltInCatalogue())).toEqual(
      [`offer ${OFFER} changed title`, "list recommended_s3 added", "list popular added", "offer other retired"].sort(
        (left, right) => Number(right.startsWith("offer")) - Number(left.startsWith("offer")),
      ),
    );
  });

  it("M06: a retired or dearer offer touches no purchase and no checkout that is open", async () => {
    const sale = await sell(app);
    const before = await readPurchaseView(app.context, { purchaseId: sale.purchaseId });
    const [late, later] = [await initiate(app), await initiate(app)];
    const terms = { ...theOffer().terms, prices: [{ unit: "GB_MONTH", dollars: "999", label: "dear" }] };
    await apply({ lists: [], offers: [{ ...theOffer(), terms }] });
    await pay(app, late, "5");
    expect((await finalize(app, late)).purchase.terms).toEqual(theOffer().terms);
    await apply({ lists: [], offers: [other()] });
    await expect(initiate(app)).rejects.toMatchObject({ code: "offer_not_found" });
    await pay(app, later, "5");
    expect((await finalize(app, later)).purchase).toMatchObject({ offerId: OFFER, terms: theOffer().terms });
    const after = await readPurchaseView(app.context, { purchaseId: sale.purchaseId });
    expect(after.purchase).toEqual(before.purchase);
    expect((await app.call(`/offer/${OFFER}`)).status).toBe(404);
    expect((await readCheckoutOffer(app.context, { offerId: OFFER })).id).toBe(OFFER);
  });

  it("lets two offers exchange a flow, and a successor take a retired one's", async () => {
    const [one, two] = [theOffer(), other()];
    await apply({ lists: [], offers: [one, two] });
    const exchanged = [
      { ...one, checkout_flow_id: two.checkout_flow_id, sku: two.sku },
      { ...two, checkout_flow_id: one.checkout_flow_id, sku: one.sku },
    ];
    await apply({ lists: [], offers: exchanged });
    expect((await readOffer(app.context, { checkout_flow_id: one.checkout_flow_id })).id).toBe("other");
    await apply({ lists: [], offers: [other({ id: "successor", checkout_flow_id: one.checkout_flow_id })] });
    expect((await readOffer(app.context, { checkout_flow_id: one.checkout_flow_id })).id).toBe("successor");
  });

  it("is whole or not at all, and many at once end in one of them", async () => {
    const clash = [other(), other({ id: "clash" })];
    await expect(apply({ lists: [], offers: clash })).rejects.toThrow();
    expect(await changesOf(readBuiltInCatalogue())).not.toContain(`offer ${OFFER} changed`);
    const catalogues = Array.from({ length: 6 }, (_, at) => ({
      lists: [],
      offers: [{ ...theOffer(), title: `T${at}` }, other({ title: `T${at}` })],
    }));
    await Promise.all(catalogues.map((catalogue) => apply(catalogue)));
    const titles = [await readOffer(app.context, { id: OFFER }), await readOffer(app.context, { id: "other" })];
    expect(new Set(titles.map(({ title }) => title)).size).toBe(1);
  });
});

describe("keepBuiltInCatalogue", () => {
  it("brings the built-in catalogue up to date, but never over an operator's own", async () => {
    await apply({ lists: [], offers: [{ ...theOffer(), title: "Old" }] });
    await keepBuiltInCatalogue(app.context, readBuiltInCatalogue());
    expect((await readOffer(app.context, { id: OFFER })).title).toBe(theOffer().title);
    await apply({ lists: [], offers: [{ ...theOffer(), title: "Mine" }] }, "file");
    await keepBuiltInCatalogue(app.context, readBuiltInCatalogue());
    expect((await readOffer(app.context, { id: OFFER })).title).toBe("Mine");
  });
});

describe("resolveList", () => {
  it("has the offers it names first, then those that name it, each once", () => {
    const joins = (id: string): Offer => {
      const appstore = { lists: ["l"], keywords: [], countries: [], professions: [], preferences: [] };
      return other({ id, appstore });
    };
    const list = { id: "l", title: "L", description: "l", offers: ["b", "c"] };
    expect(resolveList(list, [joins("a"), joins("b"), other({ id: "d" })]).offerIds).toEqual(["b", "c", "a"]);
  });
});
