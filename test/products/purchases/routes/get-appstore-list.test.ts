import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { applyCatalogue } from "../../../../src/products/purchases/offer-catalogue.ts";
import { type Offer, readBuiltInCatalogue } from "../../../../src/products/purchases/offers.ts";
import { startTestApp, type TestApp } from "../../../support/app.ts";
import { HOSTILE_TEXTS } from "./hostile-texts.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp({ IP_COUNTRY_HEADER: "X-Country" });
  const { offers, lists } = readBuiltInCatalogue();
  const [offer] = offers;
  if (offer === undefined) throw new Error("the catalogue is empty");
  const variant = (id: string, appstore: Partial<Offer["appstore"]>): Offer => ({
    ...offer,
    ...{ id, sku: id, checkout_flow_id: id, title: id },
    appstore: { lists: ["all"], keywords: [], countries: [], professions: [], preferences: [], ...appstore },
  });
  const all = { id: "all", title: "All", description: "Everything.", offers: ["third"] };
  const more = [
    variant("first", { keywords: ["alpha"] }),
    variant("second", { countries: ["FR"] }),
    variant("third", { professions: ["pilot"] }),
  ];
  const catalogue = { lists: [...lists, all], offers: [...offers, ...more] };
  await applyCatalogue(app.context, { catalogue, source: "file" });
});
afterAll(() => app.close());

const list = (id: string, query = "", headers = {}) => app.call(`/appstore/list/${id}${query}`, { headers });
const ids = async (query: string, headers = {}) => {
  const { body } = await list("all", query, headers);
  return Array.isArray(body.offers) ? body.offers.map((offer) => offer.id) : [];
};

describe("200", () => {
  it("shows a list's own offers in its own order, each with a price and a link that works", async () => {
    const { status, body } = await list("recommended_s3");
    expect([status, body.list_id]).toEqual([200, "recommended_s3"]);
    expect(body).toMatchObject({
      offers: [
        {
          id: "aws-s3-storage",
          pricing: expect.stringContaining("$0.03128"),
          url: "https://shop.example/offer/aws-s3-storage",
        },
      ],
    });
    expect((await app.call("/offer/aws-s3-storage")).status).toBe(200);
    expect(await ids("")).toEqual(["third", "first", "second"]);
  });

  it("ranks by the asker's hints and says why", async () => {
    expect(await ids("?keywords=alpha")).toEqual(["first", "third", "second"]);
    expect(await ids("?profession=Pilot&keywords=alpha")).toEqual(["first", "third", "second"]);
    expect(await ids("?ip_country=fr")).toEqual(["second", "third", "first"]);
    expect(await ids("?ip_country=US")).toEqual(["third", "first", "second"]);
    const { body } = await list("all", "?keywords=alpha");
    expect(body).toMatchObject({
      offers: [{ reason: { score: 10, parts: [{ hint: "keywords", value: "alpha", points: 10 }] } }, {}, {}],
    });
  });

  it("takes the country from the configured header, and the query over it", async () => {
    expect(await ids("", { "x-country": "FR" })).toEqual(["second", "third", "first"]);
    expect(await ids("?ip_country=US", { "x-country": "FR" })).toEqual(["third", "first", "second"]);
    expect(await ids("", { "cf-ipcountry": "FR" })).toEqual(["third", "first", "second"]);
  });

  it("is the same at /v1, and there is an empty list as well as a full one", async () => {
    expect((await app.call("/v1/appstore/list/all")).body).toEqual((await list("all")).body);
  });
});

describe("404 appstore_list_not_found", () => {
  it.each(["none", "__proto__", "ALL", "%27%20OR%201%3D1"])("for %s", async (id) => {
    expect(await list(id)).toMatchObject({ status: 404, body: { code: "appstore_list_not_found" } });
  });
});

describe("400 invalid_request", () => {
  it.each(["?ip_country=QQ", "?ip_country=DEU", "?profession=a&profession=b", "?keywords=%00"])(
    "for %s",
    async (query) => {
      expect(await list("all", query)).toMatchObject({ status: 400, body: { code: "invalid_request" } });
    },
  );

  it.each(HOSTILE_TEXTS)("A11: or no match, for %s as a hint", async (_name, text) => {
    const hint = encodeURIComponent(text.replaceAll(/\p{Surrogate}/gu, "?"));
    const answer = await list("all", `?keywords=${hint}&profession=${hint}&preferences=${hint}`);
    expect([200, 400]).toContain(answer.status);
  });
});
