import { setTimeout as pause } from "node:timers/promises";
import { percentile } from "../ledger/closed-loop.ts";
import { type SellingNeeds, sellSessions } from "./sell-sessions.ts";

/** How late sessions ended, in milliseconds of the database's clock: `ended_at` less `expires_at`. None may be early. */
export type Lateness = { readonly sessions: number; readonly p50: number; readonly p99: number; readonly max: number };

const PATIENCE_MS = 120_000;

/** Sells sessions that end within `spreadMs`, and waits for the end of the last. Nobody is connected to them, so nobody else ends them. */
export async function measureExpiry(
  needs: SellingNeeds,
  { sessions, spreadMs }: { readonly sessions: number; readonly spreadMs: number },
): Promise<Lateness> {
  const { world } = needs;
  // Selling takes a while, and all should be asleep before the first ends: 20 ms each, and ten seconds for their reminders to be given.
  const first = Math.ceil(Date.now() / 1000) * 1000 + sessions * 20 + 15_000;
  const endsAt = (index: number) => Math.floor(first + (index * spreadMs) / sessions);
  const ids = (await sellSessions(needs, { count: sessions, endsAt })).map(({ id }) => id);
  const late = Date.now() > first;
  if (late) throw new Error("Selling the sessions took so long that the first had ended: the machine is too busy.");
  for (const until = first + spreadMs + PATIENCE_MS; ; await pause(250)) {
    const lateness = await readLateness(world.owner, ids);
    if (lateness.length === ids.length) return summarise(lateness);
    if (Date.now() > until) throw new Error(`Only ${lateness.length} of ${ids.length} sessions have ended.`);
  }
}

async function readLateness(owner: SellingNeeds["world"]["owner"], ids: readonly string[]) {
  const { rows } = await owner.raw<{ rows: { late: number }[] }>(
    `SELECT extract(epoch FROM ended_at - expires_at)::float8 * 1000 AS late FROM access_sessions
     WHERE id = ANY (?) AND status <> 'active'`,
    [[...ids]],
  );
  return rows.map(({ late }) => late);
}

function summarise(lateness: readonly number[]): Lateness {
  return {
    sessions: lateness.length,
    p50: percentile(lateness, 0.5),
    p99: percentile(lateness, 0.99),
    max: Math.max(...lateness),
  };
}
