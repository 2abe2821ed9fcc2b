import type { Database } from "../../../platform/database/pool.ts";

/** Takes back that an event was taken, so that it is sent again; false where the merchant has no such event. */
export async function unmarkMerchantEventDelivered(
  database: Database,
  input: { readonly id: string; readonly merchantId: string },
): Promise<boolean> {
  const changed = await database("access_events")
    .where({ id: input.id, merchant_id: input.merchantId })
    .update({ delivered_at: null });
  return changed === 1;
}
