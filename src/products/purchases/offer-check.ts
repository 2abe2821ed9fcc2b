import { parseDollars } from "../../money/nanodollars.ts";
import type { Offer } from "./offers.ts";
import { Catalogue } from "./offers.ts";

/** One thing wrong with a catalogue: where, what is there, and what was expected. */
export type CatalogueProblem = { readonly path: string; readonly problem: string; readonly expected: string };

/** What checking found: the catalogue when nothing is wrong with it. */
export type CheckedCatalogue =
  | { readonly catalogue: Catalogue; readonly problems: readonly [] }
  | { readonly catalogue: null; readonly problems: readonly CatalogueProblem[] };

/**
 * Checks a catalogue as data: first its shape, then whether it holds together - unique ids, skus, flows and units, deposits in order,
 * triggers in order, lists and offers that exist. Pure.
 */
export function checkCatalogue(data: unknown): CheckedCatalogue {
  const parsed = Catalogue.safeParse(data, { reportInput: true });
  if (!parsed.success) return { catalogue: null, problems: parsed.error.issues.map(describeIssue) };
  const problems = findContradictions(parsed.data);
  return problems.length === 0 ? { catalogue: parsed.data, problems: [] } : { catalogue: null, problems };
}

function describeIssue(issue: {
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly input?: unknown;
}) {
  const given = issue.input === undefined ? "is missing" : `is ${JSON.stringify(issue.input)?.slice(0, 80)}`;
  return { path: formatPath(issue.path), problem: given, expected: issue.message };
}

function formatPath(path: readonly PropertyKey[]): string {
  const text = path.map((key) => (typeof key === "number" ? `[${key}]` : `.${String(key)}`)).join("");
  return text.replace(/^\./, "") || "the file";
}

function findContradictions(catalogue: Catalogue): readonly CatalogueProblem[] {
  const { offers, lists } = catalogue;
  const offerIds = new Set(offers.map(({ id }) => id));
  const listIds = new Set(lists.map(({ id }) => id));
  return [
    ...repeated(
      "offers",
      "id",
      offers.map(({ id }) => id),
    ),
    ...repeated(
      "offers",
      "sku",
      offers.map(({ sku }) => sku),
    ),
    ...repeated(
      "offers",
      "checkout_flow_id",
      offers.map((offer) => offer.checkout_flow_id),
    ),
    ...repeated(
      "lists",
      "id",
      lists.map(({ id }) => id),
    ),
    ...offers.flatMap((offer, at) => contradictionsOf(offer, `offers[${at}]`)),
    ...offers.flatMap((offer, at) => unknown(offer.appstore?.lists ?? [], `offers[${at}].appstore.lists`, listIds)),
    ...lists.flatMap((list, at) => unknown(list.offers, `lists[${at}].offers`, offerIds)),
  ];
}

function repeated(what: string, member: string, values: readonly string[]): readonly CatalogueProblem[] {
  return values.flatMap((value, at) => {
    const first = values.indexOf(value);
    if (first === at) return [];
    const problem = `is ${JSON.stringify(value)}, as ${what}[${first}].${member}`;
    return [{ path: `${what}[${at}].${member}`, problem, expected: "one that no other has" }];
  });
}

function unknown(names: readonly string[], path: string, known: ReadonlySet<string>): readonly CatalogueProblem[] {
  return names.flatMap((name, at) => {
    if (known.has(name)) return [];
    const expected = `one of ${[...known].slice(0, 20).join(", ") || "none, as none is defined"}`;
    return [{ path: `${path}[${at}]`, problem: `is ${JSON.stringify(name)}, which the file does not have`, expected }];
  });
}

function contradictionsOf({ terms }: Offer, path: string): readonly CatalogueProblem[] {
  const { triggers } = terms;
  const deposits = [terms.minimum_deposit, terms.suggested_deposit, terms.maximum_deposit];
  return [
    ...repeated(
      `${path}.terms.prices`,
      "unit",
      terms.prices.map(({ unit }) => unit),
    ),
    ...(isAscending(deposits, { strictly: false })
      ? []
      : [out(`${path}.terms`, `deposits are ${deposits.join(", ")}`, "minimum <= suggested <= maximum")]),
    ...(triggers === undefined ||
    isAscending([triggers.termination, triggers.critical, triggers.low], { strictly: true })
      ? []
      : [
          out(
            `${path}.terms.triggers`,
            `low ${triggers.low}, critical ${triggers.critical}, termination ${triggers.termination}`,
            "low > critical > termination",
          ),
        ]),
    ...(triggers === undefined || isAscending([triggers.low, terms.suggested_deposit], { strictly: true })
      ? []
      : [out(`${path}.terms.triggers.low`, `is ${triggers.low}`, "less than the suggested deposit")]),
  ];
}

function out(path: string, problem: string, expected: string): CatalogueProblem {
  return { path, problem, expected };
}

function isAscending(amounts: readonly string[], { strictly }: { readonly strictly: boolean }): boolean {
  return amounts.every((amount, at) => {
    const before = at === 0 ? undefined : amounts[at - 1];
    if (before === undefined) return true;
    return strictly ? parseDollars(before) < parseDollars(amount) : parseDollars(before) <= parseDollars(amount);
  });
}
