import type { Database } from "../../../platform/database/pool.ts";

/** How a purchase's customer can be told: by mail, in their organisation's OfficeX record, or neither. */
export type Reach = { readonly hasEmail: boolean; readonly hasOfficex: boolean };

/**
 * Which channels apply to a purchase. OfficeX applies when the buyer gave all of organisation, host, key and the id of their record;
 * whether that host may be called is decided at the call.
 */
export async function findReach(database: Database, purchaseId: string): Promise<Reach> {
  const result: { rows: Reach[] } = await database.raw(
    `SELECT c.email IS NOT NULL AS "hasEmail",
       c.org_api_key_sealed IS NOT NULL AND p.officex_purchase_id IS NOT NULL
         AND coalesce(c.org_id, p.buyer_org_id) IS NOT NULL AND coalesce(c.host, p.buyer_org_host) IS NOT NULL AS "hasOfficex"
     FROM purchases p JOIN checkouts c ON c.id = p.checkout_id WHERE p.id = ?`,
    [purchaseId],
  );
  return result.rows[0] ?? { hasEmail: false, hasOfficex: false };
}
