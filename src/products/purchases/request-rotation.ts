import type { Knex } from "knex";
import { bucketName } from "../../integrations/aws/bucket-name.ts";
import { raiseWake } from "../../platform/temporal/wake-store.ts";
import { findBucket } from "./bucket-store.ts";
import { insertBucketUser, listBucketUsers, shortenOverlap } from "./bucket-user-store.ts";
import { NotProvisionedYet, PurchaseNotFound, PurchaseTerminated } from "./errors.ts";
import { isEnding } from "./lifecycle.ts";
import { findPurchase } from "./purchase-store.ts";

const POLL_MS = 100;

/**
 * Asks for new bucket credentials. The API holds no key to the store, so this only writes down which user is wanted and wakes
 * `rotate-credentials/<purchase>`, which makes it. Asked while one is wanted already it is the same rotation, with the shorter overlap.
 * Throws `purchase_not_found`, `purchase_terminated`, `not_provisioned_yet`.
 */
export async function requestRotation(
  needs: { readonly database: Knex },
  input: { readonly purchaseId: string; readonly overlapSeconds: number },
): Promise<{ readonly generation: number }> {
  const { purchaseId, overlapSeconds } = input;
  return needs.database.transaction(async (transaction) => {
    const purchase = await findPurchase(transaction, purchaseId, { lock: true });
    if (purchase === null) throw new PurchaseNotFound();
    if (isEnding(purchase.status)) throw new PurchaseTerminated();
    const bucket = await findBucket(transaction, purchaseId);
    if (purchase.status === "provisioning" || bucket === null || bucket.credentialsSealed === null)
      throw new NotProvisionedYet();
    const users = await listBucketUsers(transaction, purchaseId);
    await raiseWake(transaction, `rotate-credentials/${purchaseId}`);
    const wanted = users.find(({ status }) => status === "wanted");
    if (wanted !== undefined) {
      await shortenOverlap(transaction, input);
      return { generation: wanted.generation };
    }
    if (users.length === 0) {
      const first = { generation: 1, userName: bucket.userName, overlapSeconds: 0, status: "current" } as const;
      await insertBucketUser(transaction, { purchaseId, ...first });
    }
    const generation = (users.at(-1)?.generation ?? 1) + 1;
    const userName = bucketName(`${purchaseId}-${generation}`);
    await insertBucketUser(transaction, { purchaseId, generation, userName, overlapSeconds, status: "wanted" });
    return { generation };
  });
}

/** Waits up to `waitMs` for a wanted generation to be made; false says "look later", and the work goes on whether anybody asks or not. */
export async function awaitRotation(
  needs: { readonly database: Knex },
  input: { readonly purchaseId: string; readonly generation: number; readonly waitMs: number },
): Promise<boolean> {
  const until = performance.now() + input.waitMs;
  for (;;) {
    const users = await listBucketUsers(needs.database, input.purchaseId);
    if (users.some(({ generation, status }) => generation === input.generation && status !== "wanted")) return true;
    if (performance.now() >= until) return false;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
