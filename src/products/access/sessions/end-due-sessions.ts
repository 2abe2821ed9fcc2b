import { setTimeout as pause } from "node:timers/promises";
import type { Knex } from "knex";
import type { Logger } from "../../../platform/logger.ts";
import { announceAllToMerchants } from "../telling/announce-to-merchant.ts";
import { closeDueSessions, lockDueSessions, readNextEnd } from "./due-session-store.ts";
import { describeSession } from "./end-session.ts";
import { noteSessionEvents } from "./session-events.ts";
import { readDatabaseTime } from "./session-store.ts";

/** So many sessions end in one transaction: few enough that nobody who holds one of them waits for long. */
const BATCH = 250;
/** A session that was sold meanwhile may end before the one that was next, and a payment may fail that kept one alive. */
const LONGEST_PAUSE_MS = 500;
const SHORTEST_PAUSE_MS = 20;

/** What ending sessions on time needs. */
export type SweepNeeds = { readonly database: Knex; readonly logger: Pick<Logger, "warn"> };

/** A running sweep. `stop` waits for the transaction under way. */
export type SessionSweep = { readonly stop: () => Promise<void> };

/**
 * Ends every session that is due, up to `limit`, in one transaction: rows, events, merchants' notices. The row decides, under its lock, as
 * wherever else a session ends, so each ends exactly once. No wake is raised: a workflow looks at its session at that very moment by
 * itself. Answers how many ended.
 */
export async function endDueSessions(
  needs: Pick<SweepNeeds, "database">,
  { limit }: { readonly limit: number },
): Promise<number> {
  return needs.database.transaction(async (transaction) => {
    const ids = await lockDueSessions(transaction, limit);
    if (ids.length === 0) return 0;
    const endedAt = await readDatabaseTime(transaction);
    const ended = await closeDueSessions(transaction, { ids, endedAt });
    const told = ended.map((session) => ({ session, data: describeSession(session) }));
    await noteSessionEvents(
      transaction,
      told.map(({ session, data }) => ({ sessionId: session.id, type: "expired" as const, data })),
    );
    await announceAllToMerchants(
      transaction,
      told.map(({ session: { id, merchantId }, data }) => ({
        ...{ merchantId, data, type: "session.expired" as const },
        key: `session-ended:${id}`,
      })),
    );
    return ended.length;
  });
}

/**
 * Keeps ending sessions on time, whatever Temporal is busy with: a thousand timers of one second are a thousand turns of a worker, and one
 * statement here. Each process that runs it takes its share. The workflows stay the second line, and do all else that a session needs.
 */
export function keepEndingSessions(needs: SweepNeeds): SessionSweep {
  const stopping = new AbortController();
  const running = (async () => {
    while (!stopping.signal.aborted) {
      const wait = await sweep(needs).catch((error: unknown) => {
        needs.logger.warn({ err: error }, "due sessions were not ended; tried again");
        return LONGEST_PAUSE_MS;
      });
      await pause(wait, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  })();
  return {
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
}

/** Ends what is due and answers for how many milliseconds there is nothing to do. */
async function sweep(needs: SweepNeeds): Promise<number> {
  while ((await endDueSessions(needs, { limit: BATCH })) === BATCH);
  const next = (await readNextEnd(needs.database)) ?? LONGEST_PAUSE_MS;
  return Math.min(Math.max(next, SHORTEST_PAUSE_MS), LONGEST_PAUSE_MS);
}
