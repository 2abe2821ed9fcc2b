import type { IncomingHttpHeaders } from "node:http";
import { z } from "zod";
import { text } from "../schemas.ts";
import type { AskerHints } from "./appstore-ranking.ts";

const MOST_WORDS = 20;
const MOST_CHARACTERS = 1_024;

const REGIONS = new Intl.DisplayNames(["en"], { type: "region", fallback: "none" });

/** Words of a query: one parameter with commas, or the parameter repeated; at most twenty words of 64 characters. */
const Words = z
  .union([text({ maximum: MOST_CHARACTERS }), z.array(text({ maximum: MOST_CHARACTERS })).max(MOST_WORDS)])
  .transform((given) => splitWords(typeof given === "string" ? [given] : given))
  .pipe(z.array(z.string().max(64)).max(MOST_WORDS));

/** What an asker may tell of themselves in a query; all of it optional, nothing of it kept. */
export const AskerQuery = z.object({
  keywords: Words.optional().meta({ description: "Comma-separated, or repeated; at most 20." }),
  ip_country: z
    .string()
    .max(2)
    .transform((code) => code.toUpperCase())
    .refine(isCountry, "expected a country code of ISO 3166, two letters")
    .optional(),
  profession: text({ maximum: 64 }).optional(),
  preferences: Words.optional().meta({ description: "Comma-separated, or repeated; at most 20." }),
});

/** What a query, and the header a trusted proxy sets, say of an asker. The query wins; a header that names no country is none. */
export function readAsker(
  query: z.output<typeof AskerQuery>,
  proxy: { readonly headers: IncomingHttpHeaders; readonly countryHeader: string | null },
): AskerHints {
  const profession = query.profession?.trim() ?? "";
  return {
    keywords: query.keywords ?? [],
    country: query.ip_country ?? countryOf(proxy),
    profession: profession === "" ? null : profession,
    preferences: query.preferences ?? [],
  };
}

/** The hints as a query again, for links that carry them on; empty without any. A country from a header is not put into a link. */
export function hintsQuery(query: z.output<typeof AskerQuery>): string {
  const parameters = new URLSearchParams();
  if (query.keywords !== undefined && query.keywords.length > 0) parameters.set("keywords", query.keywords.join(","));
  if (query.ip_country !== undefined) parameters.set("ip_country", query.ip_country);
  if (query.profession !== undefined) parameters.set("profession", query.profession);
  if (query.preferences !== undefined && query.preferences.length > 0)
    parameters.set("preferences", query.preferences.join(","));
  const text = parameters.toString();
  return text === "" ? "" : `?${text}`;
}

function countryOf(proxy: { readonly headers: IncomingHttpHeaders; readonly countryHeader: string | null }) {
  if (proxy.countryHeader === null) return null;
  const value = proxy.headers[proxy.countryHeader];
  const code = typeof value === "string" ? value.trim().toUpperCase() : "";
  return isCountry(code) ? code : null;
}

function isCountry(code: string): boolean {
  return /^[A-Z]{2}$/.test(code) && REGIONS.of(code) !== undefined;
}

function splitWords(texts: readonly string[]): string[] {
  const words = texts.flatMap((each) => each.split(",")).map((word) => word.trim());
  return [...new Set(words.filter((word) => word !== ""))];
}
