import { describe, expect, it } from "vitest";
import { AskerQuery, hintsQuery, readAsker } from "../../../../src/products/purchases/appstore/asker-hints.ts";

const read = (query: object, headers: Record<string, string> = {}, countryHeader: string | null = null) =>
  readAsker(AskerQuery.parse(query), { headers, countryHeader });

describe("readAsker", () => {
  it("takes words with commas or repeated, each once, and everything as optional", () => {
    expect(read({})).toEqual({ keywords: [], country: null, profession: null, preferences: [] });
    expect(read({ keywords: " s3 ,,backup,s3", preferences: ["a,b", "c"], profession: " ", ip_country: "de" })).toEqual(
      {
        keywords: ["s3", "backup"],
        country: "DE",
        profession: null,
        preferences: ["a", "b", "c"],
      },
    );
  });

  it("believes a country header only when one is configured, never over the query, and never nonsense", () => {
    const headers = { "cf-ipcountry": "fr" };
    expect(read({}, headers).country).toBeNull();
    expect(read({}, headers, "cf-ipcountry").country).toBe("FR");
    expect(read({ ip_country: "DE" }, headers, "cf-ipcountry").country).toBe("DE");
    for (const value of ["T1", "F", "FRA", "QQ", "'--", ""]) {
      expect(read({}, { "cf-ipcountry": value }, "cf-ipcountry").country).toBeNull();
    }
  });
});

describe("AskerQuery", () => {
  it.each([
    { ip_country: "QQ" },
    { ip_country: "DEU" },
    { ip_country: "1" },
    { ip_country: ["DE", "FR"] },
    { keywords: "x".repeat(1_025) },
    { keywords: "y".repeat(65) },
    { keywords: Array.from({ length: 21 }, (_, word) => `w${word}`) },
    { preferences: Array.from({ length: 21 }, (_, word) => `w${word}`).join(",") },
    { profession: "z".repeat(65) },
    { profession: ["a", "b"] },
    { keywords: "a\u0000b" },
  ])("refuses %j", (query) => {
    expect(AskerQuery.safeParse(query).success).toBe(false);
  });
});

describe("hintsQuery", () => {
  it("carries hints on, escaped, and nothing when there are none", () => {
    expect(hintsQuery(AskerQuery.parse({}))).toBe("");
    expect(hintsQuery(AskerQuery.parse({ keywords: "a&b,c d", ip_country: "de" }))).toBe(
      "?keywords=a%26b%2Cc+d&ip_country=DE",
    );
  });
});
