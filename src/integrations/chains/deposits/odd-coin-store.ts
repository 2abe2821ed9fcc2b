import type { Database } from "../../../platform/database/pool.ts";
import type { ChainKind } from "../chain.ts";

/** An address due for a look, and the last block it was looked at in; null before the first. */
export type DueAddress = {
  readonly id: string;
  readonly address: string;
  readonly ageSeconds: number;
  readonly lookedTo: number | null;
};

/** Takes the turn of one look at a chain's odd coins; false while the last one is younger than `seconds`. One caller at a time. */
export async function claimOddLook(
  database: Database,
  input: { readonly chain: string; readonly seconds: number },
): Promise<boolean> {
  const { rows } = await database.raw<{ rows: unknown[] }>(
    `UPDATE chain_cursors SET odd_looked_at = now()
     WHERE chain = :chain AND odd_looked_at < now() - make_interval(secs => :seconds) RETURNING chain`,
    input,
  );
  return rows.length === 1;
}

/**
 * Up to `limit` of the newest addresses that were not looked at for `seconds`, those that waited longest first; with `depositAddressId`, only
 * that one, however old. Work does not grow with how many addresses there are.
 */
export async function listDueAddresses(
  database: Database,
  input: {
    readonly chain: string;
    readonly kind: ChainKind;
    readonly seconds: number;
    readonly limit: number;
    readonly depositAddressId?: string;
  },
): Promise<readonly DueAddress[]> {
  const { rows } = await database.raw<{
    rows: (Omit<DueAddress, "lookedTo"> & { readonly lookedTo: string | null })[];
  }>(
    `SELECT a.id, a.address, extract(epoch FROM now() - a.created_at)::float8 AS "ageSeconds", l.looked_to AS "lookedTo"
     FROM (SELECT id, address, created_at FROM deposit_addresses
       WHERE chain_kind = :kind AND CASE WHEN :only::text IS NULL THEN created_at > now() - interval '30 days' ELSE id = :only END
       ORDER BY created_at DESC LIMIT 500) a
     LEFT JOIN address_looks l ON l.chain = :chain AND l.deposit_address_id = a.id
     WHERE l.looked_at IS NULL OR l.looked_at < now() - make_interval(secs => :seconds)
     ORDER BY l.looked_at NULLS FIRST, a.id LIMIT :limit`,
    { ...input, only: input.depositAddressId ?? null },
  );
  return rows.map((row) => ({ ...row, lookedTo: row.lookedTo === null ? null : Number(row.lookedTo) }));
}

/** Notes that addresses were looked at, up to a block. */
export async function markLooked(
  database: Database,
  input: { readonly chain: string; readonly ids: readonly string[]; readonly lookedTo: number },
): Promise<void> {
  await database.raw(
    `INSERT INTO address_looks (chain, deposit_address_id, looked_to)
     SELECT :chain, id, :lookedTo FROM unnest(:ids::text[]) id ORDER BY id
     ON CONFLICT (chain, deposit_address_id) DO UPDATE
       SET looked_at = now(), looked_to = greatest(address_looks.looked_to, excluded.looked_to)`,
    { ...input, ids: [...input.ids] },
  );
}

/** How many transfers of unknown tokens are written down for each of these addresses. */
export async function countUnknown(
  database: Database,
  input: { readonly chain: string; readonly ids: readonly string[] },
): Promise<ReadonlyMap<string, number>> {
  const { rows } = await database.raw<{ rows: { id: string; count: string }[] }>(
    `SELECT deposit_address_id AS id, count(*) FROM deposits
     WHERE chain = :chain AND deposit_address_id = ANY(:ids) AND kind = 'unknown_token' GROUP BY 1`,
    { chain: input.chain, ids: [...input.ids] },
  );
  return new Map(rows.map(({ id, count }) => [id, Number(count)]));
}

/**
 * Native base units of which we know why they are at an address after a block: what was recorded as a deposit, and what our own transactions sent
 * there, less what they spent. Undefined while one of ours is under way: then nobody can tell its coin from a customer's.
 */
export async function sumKnownCoin(
  database: Database,
  input: {
    readonly chain: string;
    readonly depositAddressId: string;
    readonly address: string;
    readonly block: number;
  },
): Promise<bigint | undefined> {
  const { rows } = await database.raw<{ rows: { recorded: string; moved: string; underWay: string }[] }>(
    `SELECT
       (SELECT coalesce(sum(amount_units), 0) FROM deposits
         WHERE deposit_address_id = :depositAddressId AND chain = :chain AND kind = 'native_coin') AS recorded,
       coalesce(sum(CASE WHEN status = 'mined' AND block_number <= :block THEN
           CASE WHEN lower(unsigned->>'to') = lower(:address) THEN 1 ELSE 0 END * coalesce(nullif(unsigned->>'value', ''), '0')::numeric
           - CASE WHEN from_address = :address THEN coalesce(nullif(unsigned->>'value', ''), '0')::numeric ELSE 0 END
         ELSE 0 END
         - CASE WHEN status IN ('mined', 'failed') AND block_number <= :block AND from_address = :address THEN fee_units ELSE 0 END), 0) AS moved,
       count(*) FILTER (WHERE status IN ('reserved', 'prepared', 'broadcast')) AS "underWay"
     FROM outgoing_transactions
     WHERE chain = :chain AND (from_address = :address
       OR (unsigned->>'value' IS NOT NULL AND lower(unsigned->>'to') = lower(:address)))`,
    input,
  );
  const [row] = rows;
  if (row === undefined || row.underWay !== "0") return undefined;
  return BigInt(row.recorded) + BigInt(row.moved);
}
