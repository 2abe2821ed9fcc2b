import { z } from "zod";
import type { Database } from "../../platform/database/pool.ts";
import type { SupportedKind } from "./facilitator.ts";

const Kinds = z.array(
  z.object({
    x402Version: z.union([z.literal(1), z.literal(2)]),
    scheme: z.string(),
    network: z.string(),
    extra: z.record(z.string(), z.json()),
  }),
);

/** Keeps what a facilitator said it supports, so that a process that starts while it is down can still offer payments. */
export async function keepKinds(
  database: Database,
  { name, url, kinds }: { readonly name: string; readonly url: string; readonly kinds: readonly SupportedKind[] },
): Promise<void> {
  await database.raw(
    `INSERT INTO facilitator_kinds (name, url, kinds, fetched_at) VALUES (:name, :url, CAST(:kinds AS jsonb), now())
     ON CONFLICT (name) DO UPDATE SET url = excluded.url, kinds = excluded.kinds, fetched_at = excluded.fetched_at`,
    { name, url, kinds: JSON.stringify(kinds) },
  );
}

/** What was last kept of a facilitator at this address; empty when it never answered there. */
export async function readKinds(
  database: Database,
  { name, url }: { readonly name: string; readonly url: string },
): Promise<readonly SupportedKind[]> {
  const { rows } = await database.raw<{ rows: { kinds: unknown }[] }>(
    "SELECT kinds FROM facilitator_kinds WHERE name = ? AND url = ?",
    [name, url],
  );
  return Kinds.safeParse(rows[0]?.kinds).data ?? [];
}
