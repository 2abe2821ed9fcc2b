import type { Database } from "../../../platform/database/pool.ts";
import { purgeInBatches } from "../../../platform/database/purge-in-batches.ts";
import { type ClosedLooks, deleteClosedWakes } from "./closed-wake-store.ts";

const BATCH = 1_000;

/**
 * Takes out the wake rows of what ended a month ago: deliveries of every kind, recorded sweeps, closed refunds, done rotations, ended
 * checkouts and purchases. A row taken out begins at sequence one when it is raised again, and a run that has seen one would take that for a repetition:
 * so a subject must be closed, its last wake sent, and nothing may have raised it for a month. `closed` says of other rooms' subjects what has ended. Answers how many.
 */
export async function closeWakes(needs: {
  readonly database: Database;
  readonly closed?: ClosedLooks;
}): Promise<number> {
  return purgeInBatches(BATCH, (limit) => deleteClosedWakes(needs.database, { limit, more: needs.closed }));
}
