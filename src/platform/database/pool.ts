import type { Knex } from "knex";
import knex from "knex";

/** A pool or an open transaction: stores take either and never care which. */
export type Database = Knex | Knex.Transaction;

const ignore = (): void => {};
const SILENT = { warn: ignore, error: ignore, deprecate: ignore, debug: ignore };

/** Opens a pool on `url` as whatever role the URL names. int8 and numeric arrive as text, so money never becomes a float. */
export function openDatabase(url: string, options: { readonly maxConnections: number; readonly name: string }): Knex {
  return knex({
    client: "pg",
    connection: { connectionString: url, application_name: options.name, statement_timeout: 30_000 },
    pool: { min: 0, max: options.maxConnections },
    acquireConnectionTimeout: 10_000,
    // A lost connection is thrown to the caller, who logs it with its context; the library's own lines would be neither JSON nor redacted.
    log: SILENT,
  });
}
