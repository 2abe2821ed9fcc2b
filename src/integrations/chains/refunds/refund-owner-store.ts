import type { Database } from "../../../platform/database/pool.ts";

/** Whose a refund may be: of one deposit, or of an account and the address that was made for it. */
export type RefundOwner =
  | { readonly depositId: string }
  | { readonly account: string; readonly depositAddressId: string };

/** Whether a refund exists and is of this owner: so that nobody settles another customer's refund by a slip of the pen. */
export async function isRefundOf(database: Database, id: string, owner: RefundOwner): Promise<boolean> {
  const whose = { depositId: null, account: null, depositAddressId: null, ...owner };
  const { rows } = await database.raw<{ rows: unknown[] }>(
    `SELECT FROM refunds r JOIN deposits d ON d.id = r.deposit_id
     WHERE r.id = :id AND (r.deposit_id = :depositId OR r.account = :account OR d.account = :account
       OR d.deposit_address_id = :depositAddressId)`,
    { id, ...whose },
  );
  return rows.length > 0;
}
