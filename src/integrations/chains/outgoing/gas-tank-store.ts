import type { Database } from "../../../platform/database/pool.ts";

/** How full a tank is. */
export type TankLevel = "ok" | "low" | "empty";

/** The native coin left for sweeps. `balanceUnits` is in native base units (wei); `sweepsLeft` is the shortest of the `runways`. */
export type GasTank = {
  readonly chain: string;
  readonly wallet: string;
  readonly nativeSymbol: string;
  readonly balanceUnits: bigint;
  readonly gasPriceUnits: bigint;
  readonly sweepsLeft: number;
  /** Sweeps left by sweep method, of those the chain's tokens use. */
  readonly runways: Readonly<Record<string, number>>;
};

/** What recent sweeps of a token took on average, rounded up: gas, and native base units with every transaction of the sweep. */
export type SweepCost = { readonly token: string; readonly gas: bigint; readonly feeUnits: bigint };

/** A tank as it was found at a moment. */
export type GasTankReading = Omit<GasTank, "nativeSymbol"> & { readonly level: TankLevel; readonly readAt: Date };

/** Sweeps an average is taken of; a price that was paid long ago says nothing of today's. */
const RECENT_SWEEPS = 20;
const RECENT = "7 days";
const HISTORY = "7 days";

type Row = Omit<GasTankReading, "balanceUnits" | "gasPriceUnits" | "sweepsLeft"> & {
  readonly balanceUnits: string;
  readonly gasPriceUnits: string;
  readonly sweepsLeft: string;
};

/** The average real cost of a chain's latest sweeps by token; nothing for a token that was not swept lately. */
export async function averageSweepCosts(database: Database, chain: string): Promise<readonly SweepCost[]> {
  const { rows } = await database.raw<{ rows: { token: string; gas: string; fee: string }[] }>(
    `WITH recent AS (
       SELECT id, token, row_number() OVER (PARTITION BY token ORDER BY swept_at DESC) AS place FROM sweeps
       WHERE chain = :chain AND status = 'swept' AND swept_at > now() - :recent::interval
     ), paid AS (
       SELECT r.token, sum(o.gas_used) AS gas, sum(o.fee_units) AS fee
       FROM recent r JOIN outgoing_transactions o ON o.sweep_id = r.id
       WHERE r.place <= :most AND o.status IN ('mined', 'failed') AND o.fee_units IS NOT NULL GROUP BY r.token, r.id
     )
     SELECT token, ceil(avg(gas)) AS gas, ceil(avg(fee)) AS fee FROM paid GROUP BY token`,
    { chain, recent: RECENT, most: RECENT_SWEEPS },
  );
  return rows.map(({ token, gas, fee }) => ({ token, gas: BigInt(gas), feeUnits: BigInt(fee) }));
}

/** The latest reading of a chain's tank; undefined before the first. */
export async function findGasTankReading(database: Database, chain: string): Promise<GasTankReading | undefined> {
  const { rows } = await database.raw<{ rows: Row[] }>(
    `SELECT chain, wallet, balance_units AS "balanceUnits", gas_price_units AS "gasPriceUnits", sweeps_left AS "sweepsLeft", runways,
       level, read_at AS "readAt"
     FROM gas_tank_readings WHERE chain = ? ORDER BY id DESC LIMIT 1`,
    [chain],
  );
  const [row] = rows;
  if (row === undefined) return undefined;
  const { balanceUnits, gasPriceUnits, sweepsLeft } = row;
  return {
    ...row,
    balanceUnits: BigInt(balanceUnits),
    gasPriceUnits: BigInt(gasPriceUnits),
    sweepsLeft: Number(sweepsLeft),
  };
}

/** Keeps a reading, and forgets those of its chain older than a week. */
export async function insertGasTankReading(
  transaction: Database,
  reading: Omit<GasTankReading, "readAt">,
): Promise<void> {
  const { chain, balanceUnits, gasPriceUnits, runways } = reading;
  await transaction.raw(
    `INSERT INTO gas_tank_readings (chain, wallet, balance_units, gas_price_units, sweeps_left, runways, level)
     VALUES (:chain, :wallet, :balance, :price, :sweepsLeft, :runways::jsonb, :level)`,
    {
      ...reading,
      balance: balanceUnits.toString(),
      price: gasPriceUnits.toString(),
      runways: JSON.stringify(runways),
    },
  );
  await transaction.raw("DELETE FROM gas_tank_readings WHERE chain = :chain AND read_at < now() - :history::interval", {
    chain,
    history: HISTORY,
  });
}
