import { purgeAttempts } from "../../../integrations/notifications/delivery-log-store.ts";
import type { Database } from "../../../platform/database/pool.ts";
import { purgeInBatches } from "../../../platform/database/purge-in-batches.ts";
import { purgeAlerts } from "../../../platform/operator-alert-store.ts";
import { purgeStuck } from "./stuck-store.ts";

const BATCH = 1_000;

/** How many rows of each were deleted. */
export type Forgotten = { readonly attempts: number; readonly alerts: number; readonly stuck: number };

/**
 * Deletes what was told and is over for 90 days: attempts to deliver, resolved alerts, and stuck things that move again. Nothing that is
 * open, and nothing that money hangs on. In batches that each commit by themselves, so a call that is killed has done what it has done.
 */
export async function forgetTold({ database }: { readonly database: Database }): Promise<Forgotten> {
  return {
    attempts: await purgeInBatches(BATCH, (limit) => purgeAttempts(database, limit)),
    alerts: await purgeInBatches(BATCH, (limit) => purgeAlerts(database, limit)),
    stuck: await purgeInBatches(BATCH, (limit) => purgeStuck(database, limit)),
  };
}
