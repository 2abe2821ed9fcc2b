import { nanodollars } from "../../../../money/nanodollars.ts";
import type { Database } from "../../../../platform/database/pool.ts";
import { preparedAs } from "../../../../platform/database/prepared.ts";
import type { AssetUnit } from "../../asset.ts";
import type { SettlementMode } from "../../merchant.ts";
import type { Quote } from "../../quote.ts";

type QuoteRow = {
  id: string;
  secret_hash: Buffer;
  merchant_id: string;
  asset_id: string;
  session_id: string | null;
  unit: AssetUnit;
  unit_seconds: number;
  units: number;
  price_nanodollars: string;
  total_nanodollars: string;
  settlement_mode: SettlementMode;
  options: Quote["options"];
  created_at: Date;
  expires_at: Date;
};

/** A quote as it is stored; `createdAt` is from when on money may have been sent for it. */
export type StoredQuote = Quote & { readonly createdAt: Date };

const COLUMNS = `id, secret_hash, merchant_id, asset_id, session_id, unit, unit_seconds, units, price_nanodollars,
  total_nanodollars, settlement_mode, options, created_at, expires_at`;

/** Keeps what a 402 offers. One statement: this is all that an unpaid request writes. */
export async function insertQuote(database: Database, quote: StoredQuote): Promise<void> {
  const insertion = database.raw(
    `INSERT INTO access_quotes (${COLUMNS})
     VALUES (:id, :secretHash, :merchantId, :assetId, :sessionId, :unit, :unitSeconds, :units, :price, :total, :settlementMode,
       :options, :createdAt, :expiresAt)`,
    {
      ...quote,
      price: quote.price.toString(),
      total: quote.total.toString(),
      options: JSON.stringify(quote.options),
    },
  );
  await insertion.options(preparedAs("insert_quote"));
}

/** A quote by its id, also one that expired; null when there is none. */
export async function findQuote(database: Database, id: string): Promise<StoredQuote | null> {
  const { rows } = await database
    .raw<{ rows: QuoteRow[] }>(`SELECT ${COLUMNS} FROM access_quotes WHERE id = ?`, [id])
    .options(preparedAs("quote"));
  return rows[0] === undefined ? null : toQuote(rows[0]);
}

/** What a payment of protocol version 1 says of its quote, which it cannot name. */
export type QuoteTraits = {
  readonly assetId: string;
  readonly sessionId: string | null;
  /** Null where the request states none. */
  readonly units: number | null;
  readonly network: string;
  /** Null on Solana, where a payment names a token account; its owner is compared with the quote's afterwards. */
  readonly payTo: string | null;
  readonly asset: string;
  readonly amountUnits: bigint;
  readonly now: Date;
};

/** The newest open quote of these traits; null when there is none. Addresses are compared without regard to case on EVM chains only. */
export async function findOpenQuote(database: Database, traits: QuoteTraits): Promise<StoredQuote | null> {
  const result: { rows: QuoteRow[] } = await database.raw(
    `SELECT q.* FROM access_quotes q
     WHERE q.asset_id = :assetId AND q.session_id IS NOT DISTINCT FROM :sessionId AND q.expires_at > :now
       AND EXISTS (SELECT FROM jsonb_array_elements(q.options) o
         WHERE o->>'network' = :network AND o->>'amountUnits' = :amountUnits
           AND (:payTo::text IS NULL OR lower(o->>'payTo') = lower(:payTo))
           AND (o->>'asset' = :asset OR (:isEvm AND lower(o->>'asset') = lower(:asset))))
       AND (:units::integer IS NULL OR q.units = :units)
       AND NOT EXISTS (SELECT FROM access_payments p WHERE p.quote_id = q.id AND p.status <> 'failed')
     ORDER BY q.expires_at DESC, q.id DESC LIMIT 1`,
    { ...traits, amountUnits: traits.amountUnits.toString(), isEvm: traits.network.startsWith("eip155:") },
  );
  const [row] = result.rows;
  return row === undefined ? null : toQuote(row);
}

function toQuote(row: QuoteRow): StoredQuote {
  return {
    id: row.id,
    secretHash: row.secret_hash,
    merchantId: row.merchant_id,
    assetId: row.asset_id,
    sessionId: row.session_id,
    unit: row.unit,
    unitSeconds: row.unit_seconds,
    units: row.units,
    price: nanodollars(BigInt(row.price_nanodollars)),
    total: nanodollars(BigInt(row.total_nanodollars)),
    settlementMode: row.settlement_mode,
    options: row.options,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
  };
}

/** Deletes up to `limit` quotes that expired more than a day ago and that nobody tried to pay, oldest first. Answers how many. */
export async function purgeQuotes(database: Database, limit: number): Promise<number> {
  const deleted = await database.raw<{ rowCount: number }>(
    `DELETE FROM access_quotes WHERE id IN (
       SELECT q.id FROM access_quotes q WHERE q.expires_at < now() - interval '1 day'
         AND NOT EXISTS (SELECT FROM access_payments p WHERE p.quote_id = q.id)
       ORDER BY q.expires_at LIMIT ?)`,
    [limit],
  );
  return deleted.rowCount;
}
