import { describe, expect, it } from "vitest";
import { z } from "zod";
import { checkCatalogue } from "../../../src/products/purchases/offer-check.ts";
import { Catalogue, readBuiltInCatalogue } from "../../../src/products/purchases/offers.ts";

/** The built-in catalogue with one thing changed, given by its path. */
function changed(path: readonly (string | number)[], value: unknown): unknown {
  const copy: unknown = structuredClone(readBuiltInCatalogue());
  let place: unknown = copy;
  for (const key of path.slice(0, -1)) place = memberOf(place, key);
  const last = path.at(-1);
  if (last !== undefined && typeof place === "object" && place !== null) Object.assign(place, { [last]: value });
  return copy;
}

function memberOf(place: unknown, key: string | number): unknown {
  return typeof place === "object" && place !== null ? new Map(Object.entries(place)).get(String(key)) : undefined;
}

const [offer] = readBuiltInCatalogue().offers;
const terms = ["offers", 0, "terms"] as const;

describe("checkCatalogue", () => {
  it("finds nothing wrong with the built-in catalogue", () => {
    expect(checkCatalogue(readBuiltInCatalogue())).toEqual({ catalogue: readBuiltInCatalogue(), problems: [] });
  });

  it.each([
    ["no text as a title", changed(["offers", 0, "title"], 5), "offers[0].title", "is 5"],
    ["a missing sku", changed(["offers", 0, "sku"], undefined), "offers[0].sku", "is missing"],
    ["an unknown kind", changed(["offers", 0, "kind"], "yacht"), "offers[0].kind", 'is "yacht"'],
    [
      "a price that is no amount",
      changed([...terms, "prices", 0, "dollars"], "free"),
      "offers[0].terms.prices[0].dollars",
      'is "free"',
    ],
    [
      "a price of nothing",
      changed([...terms, "prices", 1, "dollars"], "0"),
      "offers[0].terms.prices[1].dollars",
      'is "0"',
    ],
    ["no prices", changed([...terms, "prices"], []), "offers[0].terms.prices", "is []"],
    ["a token nobody knows", changed([...terms, "tokens"], ["DOGE"]), "offers[0].terms.tokens[0]", 'is "DOGE"'],
    [
      "a country that is none",
      changed(["offers", 0, "appstore", "countries"], ["Germany"]),
      "offers[0].appstore.countries[0]",
      'is "Germany"',
    ],
    ["an id of two words", changed(["offers", 0, "id"], "two words"), "offers[0].id", 'is "two words"'],
    ["no offers", { lists: [], offers: [] }, "offers", "is []"],
    ["no object at all", null, "the file", "is null"],
    ["a list of offers, as it once was", [offer], "the file", "is ["],
  ])("names the place, what is there and what was expected, for %s", (_name, data, path, problem) => {
    const { problems, catalogue } = checkCatalogue(data);
    expect(catalogue).toBeNull();
    expect(problems[0]).toMatchObject({
      path,
      problem: expect.stringContaining(problem),
      expected: expect.stringMatching(/\w/),
    });
  });

  it.each([
    [
      "a repeated id",
      { ...readBuiltInCatalogue(), offers: [offer, { ...offer, sku: "b", checkout_flow_id: "b" }] },
      "offers[1].id",
    ],
    [
      "a repeated sku",
      { ...readBuiltInCatalogue(), offers: [offer, { ...offer, id: "b", checkout_flow_id: "b" }] },
      "offers[1].sku",
    ],
    [
      "a repeated flow",
      { ...readBuiltInCatalogue(), offers: [offer, { ...offer, id: "b", sku: "b" }] },
      "offers[1].checkout_flow_id",
    ],
    ["a repeated unit", changed([...terms, "prices", 1, "unit"], "GB_MONTH"), "offers[0].terms.prices[1].unit"],
    ["a minimum above the suggestion", changed([...terms, "minimum_deposit"], "6"), "offers[0].terms"],
    ["a maximum below the suggestion", changed([...terms, "maximum_deposit"], "4.999999999"), "offers[0].terms"],
    [
      "triggers out of order",
      changed([...terms, "triggers"], { low: "1", critical: "1", termination: "0.1" }),
      "offers[0].terms.triggers",
    ],
    [
      "a trigger above what is paid",
      changed([...terms, "triggers"], { low: "5", critical: "1", termination: "0.1" }),
      "offers[0].terms.triggers.low",
    ],
    ["an unknown list", changed(["offers", 0, "appstore", "lists"], ["nowhere"]), "offers[0].appstore.lists[0]"],
    ["an unknown offer in a list", changed(["lists", 0, "offers"], ["nothing"]), "lists[0].offers[0]"],
    ["a repeated list", changed(["lists", 1, "id"], "recommended_s3"), "lists[1].id"],
  ])("finds %s", (_name, data, path) => {
    expect(checkCatalogue(data).problems.map((problem) => problem.path)).toContain(path);
  });

  it("tells everything at once, not the first thing only", () => {
    const data = changed([...terms, "minimum_deposit"], "6");
    Object.assign(memberOf(memberOf(memberOf(data, "offers"), 0) ?? {}, "appstore") ?? {}, { lists: ["x", "y"] });
    expect(checkCatalogue(data).problems).toHaveLength(3);
  });
});

it("has a JSON Schema, which says the same of its shape", () => {
  const schema = z.toJSONSchema(Catalogue, { io: "input" });
  expect(schema).toMatchObject({ type: "object", required: ["offers"] });
});
