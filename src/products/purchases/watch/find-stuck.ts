import type { Database } from "../../../platform/database/pool.ts";
import { raiseAlert, resolveAlert } from "../../../platform/operator-alert-store.ts";
import { isStuckKind, STUCK_LIMITS, type StuckLimit } from "./stuck-limits.ts";
import {
  type FoundStuck,
  listSettledAlerts,
  replaceStuck,
  type StuckItem,
  type StuckLooks,
  selectOpenStuck,
  selectStuck,
} from "./stuck-store.ts";

const NAMED_IN_ALERT = 5;
const FALLBACK: StuckLimit = STUCK_LIMITS.parked;

/** A page of what is stuck; `nextCursor` continues it, and is null on the last one. */
export type StuckPage = { readonly items: readonly StuckItem[]; readonly nextCursor: string | null };

/**
 * Looks for everything that stands still past its limit, writes it down with its reason and what to do, and closes what moves again.
 * What is new is told in one alert per look. `looks` are those of other rooms. Reads Postgres and asks nobody. Answers one sentence.
 */
export async function findStuck(needs: {
  readonly database: Database;
  readonly looks?: StuckLooks | undefined;
}): Promise<string> {
  const { database } = needs;
  const found = withoutRepeats(await selectStuck(database, STUCK_LIMITS, needs.looks));
  return database.transaction(async (transaction) => {
    const alert = `stuck/${new Date().toISOString()}`;
    const items = found.map((item) => ({ ...item, nextAction: limitOf(item.kind).nextAction }));
    const fresh = await replaceStuck(transaction, { found: items, alert });
    for (const subject of await listSettledAlerts(transaction))
      await resolveAlert(transaction, { subject, code: "stuck" });
    if (fresh.length > 0) await raiseAlert(transaction, { subject: alert, code: "stuck", text: tell(fresh) });
    return `${found.length} stuck, ${fresh.length} of them new.`;
  });
}

/** What is stuck, in the order it was found, `limit` at a time. The cursor is an item's id, so a page never shifts. */
export async function listStuck(
  database: Database,
  input: { readonly limit: number; readonly cursor?: string | undefined; readonly kind?: string | undefined },
): Promise<StuckPage> {
  const { limit, cursor = "", kind } = input;
  const rows = await selectOpenStuck(database, { after: cursor, limit: limit + 1, kind });
  const items = rows.slice(0, limit);
  return { items, nextCursor: rows.length > limit ? (items.at(-1)?.id ?? null) : null };
}

/** A parked workflow whose subject is told as something more telling is not told twice. */
function withoutRepeats(found: readonly FoundStuck[]): readonly FoundStuck[] {
  const told = new Set(found.filter(({ kind }) => kind !== "parked").map(({ subject }) => subject));
  return found.filter(({ kind, subject }) => kind !== "parked" || !told.has(subject));
}

function limitOf(kind: string): StuckLimit {
  return isStuckKind(kind) ? STUCK_LIMITS[kind] : FALLBACK;
}

function tell(fresh: readonly FoundStuck[]): string {
  const named = fresh
    .slice(0, NAMED_IN_ALERT)
    .map(({ subject, kind, reason, since }) => `${subject} (${kind}, since ${since.toISOString()}): ${reason}`);
  const more = fresh.length > NAMED_IN_ALERT ? ` And ${fresh.length - NAMED_IN_ALERT} more.` : "";
  return `${fresh.length} stand still past their time. ${named.join("; ")}.${more} GET /admin/stuck lists them with what to do.`;
}
