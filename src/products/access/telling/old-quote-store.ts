import type { Database } from "../../../platform/database/pool.ts";

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
