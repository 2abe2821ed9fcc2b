import type { RankingHints } from "../offers.ts";

/** What an asker tells of themselves; all of it may be empty. */
export type AskerHints = {
  readonly keywords: readonly string[];
  readonly country: string | null;
  readonly profession: string | null;
  readonly preferences: readonly string[];
};

/** One part of a score: which hint met what, and what it counted. */
export type ScorePart = {
  readonly hint: string;
  readonly value: string;
  readonly points: number;
  readonly why: string;
};

/** A score with its whole explanation: the points of `parts` sum to `score`. */
export type Reason = { readonly score: number; readonly text: string; readonly parts: readonly ScorePart[] };

/** What is ranked: its words and for whom it is meant. */
export type Rankable = { readonly title: string; readonly description: string; readonly hints: RankingHints };

/** What each kind of match counts. A keyword said on purpose counts more than one found in the words. */
const POINTS = { keyword: 10, word: 3, country: 8, otherCountry: -20, profession: 8, preference: 5 } as const;

/** Scores one thing against an asker's hints. The same input always gives the same score; letter case does not matter. Pure. */
export function scoreMatch(thing: Rankable, asker: AskerHints): Reason {
  const parts = [
    ...asker.keywords.flatMap((keyword) => scoreKeyword(thing, keyword)),
    ...scoreCountry(thing.hints.countries, asker.country),
    ...(asker.profession === null ? [] : scoreProfession(thing.hints, asker.profession)),
    ...asker.preferences.flatMap((preference) => scorePreference(thing.hints, preference)),
  ];
  return { score: sumOf(parts), text: describe(parts), parts };
}

/** Orders by score, best first; equals keep the order they came in. Pure. */
export function byScore<T extends { readonly reason: Reason }>(things: readonly T[]): readonly T[] {
  return [...things].sort((left, right) => right.reason.score - left.reason.score);
}

/** The explanation of a list: its own match, and that of the best offer in it. Pure. */
export function joinReasons(own: Reason, best: Reason): Reason {
  const parts = [...own.parts, ...best.parts.map((part) => ({ ...part, why: `${part.why} (its best offer)` }))];
  return { score: own.score + best.score, text: describe(parts), parts };
}

function scoreKeyword(thing: Rankable, keyword: string): readonly ScorePart[] {
  if (has(thing.hints.keywords, keyword)) {
    return [{ hint: "keywords", value: keyword, points: POINTS.keyword, why: "is one of its keywords" }];
  }
  const words = fold(`${thing.title} ${thing.description}`).split(/[^\p{L}\p{N}]+/u);
  if (!words.includes(fold(keyword))) return [];
  return [{ hint: "keywords", value: keyword, points: POINTS.word, why: "is in its title or description" }];
}

function scoreCountry(countries: readonly string[], country: string | null): readonly ScorePart[] {
  if (country === null || countries.length === 0) return [];
  if (countries.includes(country)) {
    return [{ hint: "ip_country", value: country, points: POINTS.country, why: "is a country it is meant for" }];
  }
  return [{ hint: "ip_country", value: country, points: POINTS.otherCountry, why: "is not a country it is meant for" }];
}

function scoreProfession(hints: RankingHints, profession: string): readonly ScorePart[] {
  if (!has(hints.professions, profession)) return [];
  return [{ hint: "profession", value: profession, points: POINTS.profession, why: "is one it is meant for" }];
}

function scorePreference(hints: RankingHints, preference: string): readonly ScorePart[] {
  if (!has(hints.preferences, preference)) return [];
  return [{ hint: "preferences", value: preference, points: POINTS.preference, why: "is one it meets" }];
}

function describe(parts: readonly ScorePart[]): string {
  if (parts.length === 0) return "Shown in its usual place: no hint speaks for or against it.";
  return `${parts.map(({ value, why, points }) => `"${value}" ${why} (${points > 0 ? "+" : ""}${points})`).join("; ")}.`;
}

function sumOf(parts: readonly ScorePart[]): number {
  return parts.reduce((sum, { points }) => sum + points, 0);
}

function has(values: readonly string[], wanted: string): boolean {
  return values.some((value) => fold(value) === fold(wanted));
}

/** Letter case and the many ways to write one letter do not matter. */
function fold(text: string): string {
  return text.normalize("NFKC").toLowerCase().trim();
}
