import type { Database } from "../../../platform/database/pool.ts";

/** A purchase as operators list it. `stuck` is where its workflow stands still; `attention` counts what else waits for somebody. */
export type ListedPurchase = {
  readonly id: string;
  readonly title: string;
  readonly kind: string;
  readonly offerId: string;
  readonly status: string;
  readonly statusSince: Date;
  readonly graceEndsAt: Date | null;
  readonly createdAt: Date;
  readonly orgId: string | null;
  readonly userId: string | null;
  readonly email: string | null;
  readonly stuckStep: string | null;
  readonly stuckCode: string | null;
  readonly stuckReason: string | null;
  readonly nextAction: string | null;
  readonly stuckSince: Date | null;
  readonly attention: number;
};

/** What operators ask for. `search` is an id, or the beginning of an id, of an organisation, a user or an e-mail address. */
export type PurchaseSearch = {
  readonly status?: string | undefined;
  readonly isStuck: boolean;
  readonly needsAttention: boolean;
  readonly search?: string | undefined;
  readonly before?: string | undefined;
  readonly limit: number;
};

const ATTENTION = `(SELECT count(*) FROM stuck_items i WHERE i.resolved_at IS NULL AND (i.subject = 'purchase/' || p.id
      OR i.subject IN (SELECT 'sweep/' || d.id FROM deposits d WHERE d.deposit_address_id = c.deposit_address_id)))
    + (SELECT count(*) FROM deposits d WHERE d.deposit_address_id = c.deposit_address_id AND d.status = 'suspense')
    + (SELECT count(*) FROM parked_workflows w JOIN deposits d ON w.subject = 'sweep/' || d.id
       WHERE d.deposit_address_id = c.deposit_address_id)`;

/** Whatever may need somebody, found from the few rows that say so instead of purchase by purchase. */
const NEEDING = `SELECT substring(w.subject FROM '^purchase/(.+)$') FROM parked_workflows w WHERE w.subject LIKE 'purchase/%'
    UNION SELECT substring(i.subject FROM '^purchase/(.+)$') FROM stuck_items i WHERE i.resolved_at IS NULL AND i.subject LIKE 'purchase/%'
    UNION SELECT a.purchase_id FROM deposits d JOIN checkouts a ON a.deposit_address_id = d.deposit_address_id WHERE d.status = 'suspense'
    UNION SELECT a.purchase_id FROM (SELECT subject FROM parked_workflows UNION SELECT subject FROM stuck_items WHERE resolved_at IS NULL) s
      JOIN deposits d ON d.id = substring(s.subject FROM '^sweep/(.+)$') JOIN checkouts a ON a.deposit_address_id = d.deposit_address_id`;

/** Purchases, newest first, below the id `before`. */
export async function selectPurchases(database: Database, search: PurchaseSearch): Promise<readonly ListedPurchase[]> {
  const { rows } = await database.raw<{ rows: (Omit<ListedPurchase, "attention"> & { attention: string })[] }>(
    `SELECT * FROM (
       SELECT p.id, p.title, p.kind, p.offer_id AS "offerId", p.status, p.status_since AS "statusSince",
         p.grace_ends_at AS "graceEndsAt", p.created_at AS "createdAt", p.buyer_org_id AS "orgId", p.buyer_user_id AS "userId",
         c.email, k.step AS "stuckStep", k.code AS "stuckCode", k.reason AS "stuckReason", k.next_action AS "nextAction",
         k.since AS "stuckSince", ${ATTENTION} AS attention
       FROM purchases p JOIN checkouts c ON c.id = p.checkout_id
         LEFT JOIN parked_workflows k ON k.subject = 'purchase/' || p.id
       WHERE (:status::text IS NULL OR p.status = :status) AND (:before::text IS NULL OR p.id < :before)
         AND (NOT :needsAttention OR p.id IN (${NEEDING}))
         AND (NOT :isStuck OR k.subject IS NOT NULL)
         AND (:search::text IS NULL OR p.checkout_id = :search OR c.deposit_address = :search OR p.id LIKE :prefix
           OR p.buyer_org_id LIKE :prefix OR p.buyer_user_id LIKE :prefix OR lower(c.email) LIKE lower(:prefix))
     ) listed
     WHERE NOT :needsAttention OR "stuckStep" IS NOT NULL OR attention > 0
     ORDER BY id DESC LIMIT :limit`,
    {
      status: search.status ?? null,
      before: search.before ?? null,
      isStuck: search.isStuck,
      needsAttention: search.needsAttention,
      search: search.search ?? null,
      prefix: `${(search.search ?? "").replace(/[\\%_]/g, "\\$&")}%`,
      limit: search.limit,
    },
  );
  return rows.map((row) => ({ ...row, attention: Number(row.attention) }));
}
