import { InvalidConfiguration } from "../config.ts";
import { DomainError } from "../errors.ts";
import { NoSandbox } from "./sandbox-world.ts";

/** What a command that reads the database leaves: 78 (EX_CONFIG) where its configuration cannot work, otherwise 1. */
export type CommandFailure = { readonly text: unknown; readonly exitCode: number };

const AWAY = ["ECONNREFUSED", "ENOTFOUND", "ETIMEDOUT"];
const OLD_SCHEMA = ["42P01", "42703"];

/** A failure in words that say what to do; what nobody expected is given whole, with its stack. */
export function describeFailure(error: unknown): CommandFailure {
  if (error instanceof InvalidConfiguration) return { text: error.message, exitCode: 78 };
  if (error instanceof DomainError || error instanceof NoSandbox) return { text: error.message, exitCode: 1 };
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (AWAY.includes(code))
    return { text: "The database does not answer: check DATABASE_URL, or bring it up.", exitCode: 1 };
  if (OLD_SCHEMA.includes(code))
    return { text: "The schema is older than this program: npm run migrate.", exitCode: 1 };
  return { text: error, exitCode: 1 };
}
