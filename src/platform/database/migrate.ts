import type { Knex } from "knex";

type MigrationStep = { readonly name: string; readonly sql: string };

/** The group role every application login belongs to; migrations grant to it and never to a login. */
const APPLICATION_ROLE = "tollkeeper_app";

/**
 * Brings the schema up to date as the owner role and lets `applicationLogin` use it. Each step runs in its own transaction, once;
 * two processes may call this at the same time (knex's migration lock decides). Returns the names of the steps it ran.
 */
export async function migrate(
  owner: Knex,
  input: { readonly steps: readonly MigrationStep[]; readonly applicationLogin: string },
): Promise<readonly string[]> {
  await owner.raw(`DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '${APPLICATION_ROLE}') THEN CREATE ROLE ${APPLICATION_ROLE} NOLOGIN; END IF;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
  END $$`);
  const [, ran] = await owner.migrate.latest({ migrationSource: source(input.steps), tableName: "migrations" });
  await owner.raw("GRANT ?? TO ??", [APPLICATION_ROLE, input.applicationLogin]);
  return ran;
}

function source(steps: readonly MigrationStep[]): Knex.MigrationSource<MigrationStep> {
  return {
    getMigrations: async () => [...steps],
    getMigrationName: (step) => step.name,
    getMigration: async (step) => ({
      up: async (transaction: Knex) => {
        await transaction.raw(step.sql);
      },
      down: async () => {
        throw new Error("Migrations are forward-only: write a new one that undoes this one.");
      },
    }),
  };
}
