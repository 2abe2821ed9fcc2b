import { recordOperatorAction } from "../../platform/operator-action-store.ts";
import { findRotation } from "./billing-key-store.ts";
import type { BillingKey, BillingKeyNeeds } from "./billing-keys.ts";
import { makeBillingKey, readCustomerKey } from "./billing-keys.ts";
import { announce } from "./notices/announce.ts";

/**
 * An operator gives a customer who lost their key a new one; older ones end after `overlapSeconds`. One transaction makes it, writes down
 * who did it and why, and tells the customer that it was replaced: who did not ask learns of it. The key itself is in none of these. The
 * same `requestId` again is shown the key it made and does nothing more. Throws `purchase_not_found` and `purchase_terminated`.
 */
export async function reissueCustomerKey(
  needs: BillingKeyNeeds,
  input: {
    readonly purchaseId: string;
    readonly overlapSeconds: number;
    readonly requestId: string;
    readonly actor: string;
    readonly note: string;
  },
): Promise<BillingKey> {
  const { purchaseId, overlapSeconds, requestId, actor, note } = input;
  const owner = { purchaseId, kind: "customer" } as const;
  const requestKey = `operator:${requestId}`;
  const generation = await needs.database.transaction(async (transaction) => {
    const made = await findRotation(transaction, { ...owner, requestKey });
    const next = await makeBillingKey(transaction, needs, { ...owner, overlapSeconds, requestKey });
    if (made !== null) return next;
    await recordOperatorAction(transaction, {
      ...{ requestId: `customer-key:${purchaseId}:${next}`, subject: `purchase/${purchaseId}`, actor, note },
      action: "reissueCustomerKey",
      input: { overlap_seconds: overlapSeconds, request_id: requestId },
      outcome: { text: `Customer key number ${next} is made.`, data: { generation: next } },
    });
    await announce(transaction, {
      ...{ purchaseId, type: "purchase.customer_key_replaced", key: `customer-key:${next}` },
      data: { generation: next, overlap_seconds: overlapSeconds },
    });
    return next;
  });
  return { key: readCustomerKey(needs.masterKey, purchaseId, generation), generation };
}
