import type { z } from "zod";
import type { RequestIssue } from "./errors.ts";
import { InvalidRequest, MalformedUrl } from "./errors.ts";

const MAXIMUM_ISSUES = 20;
const IDENTIFIER = /^[A-Za-z_$][A-Za-z0-9_$-]*$/;

/**
 * Validates one part of a request (`params`, `query` or `body`). Throws 400 `invalid_request` naming every failing path, up to 20, and
 * never the value found there, which may be a secret.
 */
export function validatePart(
  schema: z.ZodType,
  part: "params" | "query" | "body" | "headers",
  value: unknown,
): unknown {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new InvalidRequest(result.error.issues.slice(0, MAXIMUM_ISSUES).map((issue) => describe(part, issue)));
}

function describe(part: string, issue: z.core.$ZodIssue): RequestIssue {
  return { path: issue.path.reduce<string>(appendKey, part), message: issue.message };
}

function appendKey(path: string, key: PropertyKey): string {
  if (typeof key === "number") return `${path}[${key}]`;
  const name = String(key).slice(0, 64);
  return IDENTIFIER.test(name) ? `${path}.${name}` : `${path}[${JSON.stringify(name)}]`;
}

/** Query members by name; a repeated one becomes an array. Throws 400 `malformed_url` on an invalid percent-encoding. */
export function parseQuery(search: string): Readonly<Record<string, string | readonly string[]>> {
  if (search === "") return {};
  try {
    decodeURIComponent(search);
  } catch {
    throw new MalformedUrl();
  }
  const parameters = new URLSearchParams(search);
  const names = [...new Set(parameters.keys())].filter((name) => name !== "__proto__");
  return Object.fromEntries(names.map((name) => [name, oneOrMany(parameters.getAll(name))]));
}

function oneOrMany(values: readonly string[]): string | readonly string[] {
  const [first] = values;
  return values.length === 1 && first !== undefined ? first : values;
}
