import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { applyCatalogue } from "../../../../src/products/purchases/offer-catalogue.ts";
import { readBuiltInCatalogue } from "../../../../src/products/purchases/offers.ts";
import { startTestApp, type TestApp } from "../../../support/app.ts";
import { HOSTILE_TEXTS } from "./hostile-texts.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
  const { offers, lists } = readBuiltInCatalogue();
  const empty = { id: "empty", title: "Empty", description: "Nothing yet.", offers: [] };
  const pilots = {
    ...{ id: "pilots", title: "For pilots", description: "Up there.", offers: offers.map(({ id }) => id) },
    hints: { keywords: [], countries: [], professions: ["pilot"], preferences: [] },
  };
  await applyCatalogue(app.context, { catalogue: { offers, lists: [...lists, empty, pilots] }, source: "file" });
});
afterAll(() => app.close());

const Suggestions = z.array(
  z.looseObject({ url: z.string(), list_id: z.string(), reason: z.object({ score: z.number() }) }),
);
const suggest = async (query = "", path = "/appstore/suggest") => {
  const answer = await app.call(`${path}${query}`);
  if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
  return Suggestions.parse(answer.body);
};

describe("200", () => {
  it("B2: is a bare array of absolute links, all of which work", async () => {
    const found = await suggest();
    expect(found.map(({ list_id }) => list_id)).toEqual(["recommended_s3", "popular", "pilots"]);
    for (const { url } of found) {
      expect(url).toMatch(/^https:\/\/shop\.example\/appstore\/list\//);
      expect((await app.call(url.slice("https://shop.example".length))).status).toBe(200);
    }
  });

  it("ranks by hints, carries them on, and leaves out lists with nothing for sale", async () => {
    const [first, ...rest] = await suggest("?profession=pilot&keywords=a%26b");
    expect(first).toMatchObject({
      list_id: "pilots",
      url: "https://shop.example/appstore/list/pilots?keywords=a%26b&profession=pilot",
      reason: { score: 8 },
    });
    expect(rest.map(({ list_id }) => list_id)).not.toContain("empty");
    expect((await suggest("?keywords=s3"))[0]).toMatchObject({ list_id: "recommended_s3", reason: { score: 20 } });
  });

  it("is the same at /v1, and for the same question always", async () => {
    expect(await suggest("?keywords=s3", "/v1/appstore/suggest")).toEqual(await suggest("?keywords=s3"));
  });
});

describe("400 invalid_request", () => {
  it.each(["?ip_country=--", `?keywords=${"x,".repeat(30)}${Array.from({ length: 25 }, (_, n) => n).join(",")}`])(
    "for %s",
    async (query) => {
      expect(await app.call(`/appstore/suggest${query}`)).toMatchObject({
        status: 400,
        body: { code: "invalid_request" },
      });
    },
  );

  it.each(HOSTILE_TEXTS)("A11: or harmless, for %s", async (_name, text) => {
    const hint = encodeURIComponent(text.replaceAll(/\p{Surrogate}/gu, "?"));
    const answer = await app.call(`/appstore/suggest?keywords=${hint}&profession=${hint}`);
    expect([200, 400]).toContain(answer.status);
  });
});
