import type { Knex } from "knex";
import type { NewAttempt } from "../../../src/integrations/notifications/delivery-log-store.ts";
import { openDatabase } from "../../../src/platform/database/pool.ts";
import { createTestDatabase } from "../../support/database.ts";

/** An empty, migrated database as the application sees it. */
export type LogWorld = { readonly database: Knex; readonly close: () => Promise<void> };

/** Opens one for a test file. */
export async function openLogWorld(): Promise<LogWorld> {
  const test = await createTestDatabase();
  const database = openDatabase(test.applicationUrl, { maxConnections: 4, name: "test" });
  const close = async () => {
    await database.destroy();
    await test.drop();
  };
  return { database, close };
}

/** A first attempt at telling OfficeX about an event, changed where a test needs it. */
export function attemptOf(eventId: string, change: Partial<NewAttempt> = {}): NewAttempt {
  return {
    eventId,
    channel: "officex",
    attempt: 1,
    destination: "officex.app",
    outcome: "unavailable",
    status: 503,
    detail: "OfficeX answered 503.",
    durationMilliseconds: 7,
    nextTryAt: new Date("2030-01-01T00:00:00Z"),
    ...change,
  };
}
