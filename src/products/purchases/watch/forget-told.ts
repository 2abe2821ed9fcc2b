import { purgeAttempts } from "../../../integrations/notifications/delivery-log-store.ts";
import type { Database } from "../../../platform/database/pool.ts";
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
    attempts: await inBatches((limit) => purgeAttempts(database, limit)),
    alerts: await inBatches((limit) => purgeAlerts(database, limit)),
    stuck: await inBatches((limit) => purgeStuck(database, limit)),
  };
}

async function inBatches(purge: (limit: number) => Promise<number>): Promise<number> {
  let purged = 0;
  for (;;) {
    const deleted = await purge(BATCH);
    purged += deleted;
    if (deleted < BATCH) return purged;
  }
}
