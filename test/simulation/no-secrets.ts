import { expect } from "vitest";
import { secretsOfWorld } from "../integrations/chains/chain-world.ts";
import type { LifeWorld } from "./life-world.ts";

/** Derived once: keys of many addresses take seconds. */
const secrets = [...secretsOfWorld()];

/** 9. No row of any table holds a private key or a word of the phrase. */
export async function expectNoSecrets(world: LifeWorld): Promise<void> {
  const { rows: tables }: { rows: { name: string }[] } = await world.database.raw(
    `SELECT c.relname AS name FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
       AND NOT c.relispartition AND has_table_privilege(c.oid, 'SELECT')`,
  );
  for (const { name } of tables) {
    const { rows }: { rows: { found: string }[] } = await world.database.raw(
      `SELECT count(*) AS found FROM ?? kept WHERE EXISTS (SELECT FROM unnest(?::text[]) secret WHERE position(lower(secret) IN lower(kept::text)) > 0)`,
      [name, secrets],
    );
    expect(rows[0]?.found, `9. secrets in ${name}`).toBe("0");
  }
}
