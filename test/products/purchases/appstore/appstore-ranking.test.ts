import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type AskerHints,
  byScore,
  joinReasons,
  type Rankable,
  scoreMatch,
} from "../../../../src/products/purchases/appstore/appstore-ranking.ts";

const NOBODY: AskerHints = { keywords: [], country: null, profession: null, preferences: [] };
const storage: Rankable = {
  title: "Storage bucket",
  description: "For backups, privately.",
  hints: {
    keywords: ["S3", "Übersicht"],
    countries: ["DE", "FR"],
    professions: ["Developer"],
    preferences: ["no subscription"],
  },
};

describe("scoreMatch", () => {
  it("explains every point: the parts sum to the score", () => {
    const asker = {
      keywords: ["s3", "backups", "yacht"],
      country: "DE",
      profession: "developer",
      preferences: ["No Subscription"],
    };
    const reason = scoreMatch(storage, asker);
    expect(reason.parts.map(({ hint, value, points }) => [hint, value, points])).toEqual([
      ["keywords", "s3", 10],
      ["keywords", "backups", 3],
      ["ip_country", "DE", 8],
      ["profession", "developer", 8],
      ["preferences", "No Subscription", 5],
    ]);
    expect(reason.score).toBe(34);
    for (const word of ["s3", "backups", "DE", "developer", "(+8)"]) expect(reason.text).toContain(word);
  });

  it("puts what is meant for other countries last, and what is meant for all nowhere", () => {
    expect(scoreMatch(storage, { ...NOBODY, country: "US" })).toMatchObject({ score: -20 });
    const everywhere = { ...storage, hints: { ...storage.hints, countries: [] } };
    expect(scoreMatch(everywhere, { ...NOBODY, country: "US" })).toMatchObject({ score: 0, parts: [] });
  });

  it("cares for neither letter case nor how a letter is written", () => {
    expect(scoreMatch(storage, { ...NOBODY, keywords: ["u\u0308BERSICHT"] }).score).toBe(10);
  });

  it("is the same for the same input, whole, and its sum, for any text at all", () => {
    const words = fc.array(fc.string({ unit: "binary", maxLength: 20 }), { maxLength: 5 });
    const hints = fc.record({
      keywords: words,
      countries: fc.constant<string[]>([]),
      professions: words,
      preferences: words,
    });
    const asker = fc.record({
      keywords: words,
      country: fc.constantFrom("DE", null),
      profession: fc.option(fc.string()),
      preferences: words,
    });
    fc.assert(
      fc.property(fc.string(), fc.string(), hints, asker, (title, description, given, asking) => {
        const thing = { title, description, hints: given };
        const reason = scoreMatch(thing, asking);
        expect(scoreMatch(thing, asking)).toEqual(reason);
        expect(reason.parts.reduce((sum, part) => sum + part.points, 0)).toBe(reason.score);
      }),
    );
  });
});

describe("byScore", () => {
  it("keeps the order of equals and changes nothing it was given", () => {
    const things = [1, 3, 3, 2].map((score, place) => ({ place, reason: { score, text: "", parts: [] } }));
    expect(byScore(things).map(({ place }) => place)).toEqual([1, 2, 3, 0]);
    expect(things.map(({ place }) => place)).toEqual([0, 1, 2, 3]);
  });
});

describe("joinReasons", () => {
  it("sums a list's own points and its best offer's, and says whose they are", () => {
    const own = scoreMatch(storage, { ...NOBODY, keywords: ["s3"] });
    const joined = joinReasons(own, own);
    expect([joined.score, joined.parts.length]).toEqual([20, 2]);
    expect(joined.parts[1]?.why).toContain("best offer");
  });
});
