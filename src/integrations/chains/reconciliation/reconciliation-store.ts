import type { Database } from "../../../platform/database/pool.ts";

/**
 * One token at one deposit address by the books, as of a block: what was credited and not moved on, what may have arrived without being
 * credited yet, what may have left without being recorded yet. Token base units.
 */
export type ExpectedPlace = {
  readonly depositAddressId: string;
  readonly address: string;
  readonly units: bigint;
  readonly arriving: readonly bigint[];
  readonly leaving: readonly bigint[];
};

type PlaceRow = {
  readonly id: string;
  readonly address: string;
  readonly credited: string;
  readonly moved: string;
  readonly arriving: readonly string[];
  readonly leaving: readonly string[];
};

/** A sweep somebody else mined names no block of ours; this long after it was recorded, its block is older than any that is compared. */
const SETTLED = "1 hour";

/**
 * Up to `limit` deposit addresses after `after` (ids in order) that ever received the token, and what the books say they held after
 * `block`. With `only`, just those.
 */
export async function listExpected(
  database: Database,
  input: {
    readonly chain: string;
    readonly token: string;
    readonly block: number;
    readonly after: string;
    readonly limit: number;
    readonly only?: readonly string[];
  },
): Promise<readonly ExpectedPlace[]> {
  const { rows } = await database.raw<{ rows: PlaceRow[] }>(
    `WITH page AS (
       SELECT DISTINCT deposit_address_id AS id FROM deposits
       WHERE chain = :chain AND token = :token AND deposit_address_id > :after
         AND (:only::text[] IS NULL OR deposit_address_id = ANY(:only)) ORDER BY 1 LIMIT :limit
     ), came AS (
       SELECT p.id,
         coalesce(sum(d.amount_units) FILTER (WHERE d.status IN ('confirmed', 'suspense', 'refunded') AND d.doubted_block IS NULL), 0) AS credited,
         coalesce(array_agg(d.amount_units::text) FILTER (WHERE d.status = 'observed' OR d.doubted_block IS NOT NULL
           OR (d.status IN ('orphaned', 'reversed') AND d.observed_at > now() - :settled::interval)), '{}') AS arriving
       FROM page p JOIN deposits d ON d.deposit_address_id = p.id AND d.chain = :chain AND d.token = :token
         AND (d.block_number <= :block) GROUP BY p.id
     ), went AS (
       SELECT p.id,
         coalesce(sum(s.amount_units) FILTER (WHERE s.status = 'swept' AND NOT sure.under_way), 0) AS moved,
         coalesce(array_agg(s.amount_units::text) FILTER (WHERE sure.under_way), '{}') AS leaving
       FROM page p JOIN sweeps s ON s.deposit_address_id = p.id AND s.chain = :chain AND s.token = :token
       LEFT JOIN outgoing_transactions o ON o.chain = s.chain AND o.hash = s.settled_transaction_hash
       CROSS JOIN LATERAL (SELECT s.status = 'open' OR (o.block_number IS NULL AND s.swept_at > now() - :settled::interval)
         OR coalesce(o.block_number > :block, false) AS under_way) sure
       GROUP BY p.id
     )
     SELECT p.id, a.address, coalesce(c.credited, 0) AS credited, coalesce(w.moved, 0) AS moved,
       coalesce(c.arriving, '{}') AS arriving, coalesce(w.leaving, '{}') AS leaving
     FROM page p JOIN deposit_addresses a ON a.id = p.id LEFT JOIN came c ON c.id = p.id LEFT JOIN went w ON w.id = p.id
     ORDER BY p.id`,
    { ...input, only: input.only === undefined ? null : [...input.only], settled: SETTLED },
  );
  return rows.map(({ id, address, credited, moved, arriving, leaving }) => ({
    depositAddressId: id,
    address,
    units: BigInt(credited) - BigInt(moved),
    arriving: arriving.map(BigInt),
    leaving: leaving.map(BigInt),
  }));
}

/**
 * What the rows of deposits and sweeps come to, and what the ledger's accounts of the same tokens say; nanodollars, in one statement and so
 * of one moment. Each row is converted by itself, rounded down, exactly as it was posted.
 */
export async function compareBooks(
  database: Database,
  input: {
    readonly chain: string;
    readonly token: string;
    readonly decimals: number;
    readonly accounts: readonly string[];
  },
): Promise<{ readonly rows: bigint; readonly ledger: bigint }> {
  const { rows } = await database.raw<{ rows: { rows: string; ledger: string }[] }>(
    `SELECT
       (SELECT coalesce(sum(div(amount_units * 10::numeric ^ 9, 10::numeric ^ :decimals)), 0) FROM deposits
         WHERE chain = :chain AND token = :token AND status IN ('confirmed', 'suspense', 'refunded') AND deposit_address_id IS NOT NULL)
       - (SELECT coalesce(sum(div(amount_units * 10::numeric ^ 9, 10::numeric ^ :decimals)), 0) FROM sweeps
         WHERE chain = :chain AND token = :token
           AND (status = 'swept' OR (status = 'open' AND refunds_deposit_id IS NOT NULL))) AS rows,
       (SELECT coalesce(sum(b.balance), 0) FROM accounts a JOIN account_balances b ON b.account_id = a.id
         WHERE a.name = ANY(:accounts)) AS ledger`,
    { ...input, accounts: [...input.accounts] },
  );
  const [row] = rows;
  const whole = (text: string | undefined) => BigInt((text ?? "0").split(".")[0] ?? "0");
  return { rows: whole(row?.rows), ledger: whole(row?.ledger) };
}

/** A place that does not hold what the books say; exact, in its unit. */
export type ChainDrift = {
  readonly place: string;
  readonly unit: "base_units" | "nanodollars";
  readonly expected: bigint;
  readonly found: bigint;
};

/** What one comparison of a token on a chain found. `token` is its symbol; figures in base units but the ledger's nanodollars. */
export type ChainReconciliation = {
  readonly chain: string;
  readonly token: string;
  readonly blockNumber: number;
  readonly status: "sound" | "drift" | "unsettled";
  readonly places: number;
  readonly expectedUnits: bigint;
  readonly foundUnits: bigint;
  readonly underWayUnits: bigint;
  /** What is in the settlement wallet and is no payment of ours. */
  readonly foreignUnits: bigint;
  readonly ledgerNanodollars: bigint;
  readonly driftUnits: bigint;
  readonly drifts: readonly ChainDrift[];
};

/** Keeps a comparison with every drift it named, in the caller's transaction. */
export async function insertReconciliation(transaction: Database, found: ChainReconciliation): Promise<void> {
  const { rows } = await transaction.raw<{ rows: { id: string }[] }>(
    `INSERT INTO chain_reconciliations (chain, token, block_number, status, places, expected_units, found_units, under_way_units,
       ledger_nanodollars, drift_units, foreign_units)
     VALUES (:chain, :token, :blockNumber, :status, :places, :expected, :found, :underWay, :ledger, :drift, :foreign) RETURNING id`,
    {
      ...found,
      expected: found.expectedUnits.toString(),
      found: found.foundUnits.toString(),
      underWay: found.underWayUnits.toString(),
      ledger: found.ledgerNanodollars.toString(),
      drift: found.driftUnits.toString(),
      foreign: found.foreignUnits.toString(),
    },
  );
  if (found.drifts.length === 0) return;
  await transaction("chain_drifts").insert(
    found.drifts.map(({ place, unit, expected, found: units }) => ({
      reconciliation_id: rows[0]?.id,
      place,
      unit,
      expected: expected.toString(),
      found: units.toString(),
    })),
  );
}

/** A stored comparison with when it ran. */
export type StoredReconciliation = ChainReconciliation & { readonly ranAt: Date };

type Stored = {
  id: string;
  chain: string;
  token: string;
  block_number: string;
  status: ChainReconciliation["status"];
  places: number;
  expected_units: string;
  found_units: string;
  under_way_units: string;
  ledger_nanodollars: string;
  drift_units: string;
  foreign_units: string;
  ran_at: Date;
};

type StoredDrift = {
  reconciliation_id: string;
  place: string;
  unit: ChainDrift["unit"];
  expected: string;
  found: string;
};

/** The latest comparison of every chain and token, by name, with the drifts it named. */
export async function listLatestReconciliations(database: Database): Promise<readonly StoredReconciliation[]> {
  const { rows } = await database.raw<{ rows: Stored[] }>(
    "SELECT DISTINCT ON (chain, token) * FROM chain_reconciliations ORDER BY chain, token, id DESC",
  );
  const drifts: StoredDrift[] = await database<StoredDrift>("chain_drifts")
    .whereIn(
      "reconciliation_id",
      rows.map(({ id }) => id),
    )
    .orderBy("place");
  return rows.map((row) => ({
    chain: row.chain,
    token: row.token,
    blockNumber: Number(row.block_number),
    status: row.status,
    places: row.places,
    expectedUnits: BigInt(row.expected_units),
    foundUnits: BigInt(row.found_units),
    underWayUnits: BigInt(row.under_way_units),
    ledgerNanodollars: BigInt(row.ledger_nanodollars),
    driftUnits: BigInt(row.drift_units),
    foreignUnits: BigInt(row.foreign_units),
    ranAt: row.ran_at,
    drifts: drifts
      .filter((drift) => drift.reconciliation_id === row.id)
      .map(({ place, unit, expected, found }) => ({ place, unit, expected: BigInt(expected), found: BigInt(found) })),
  }));
}
