import { setTimeout as pause } from "node:timers/promises";
import type { BenchRun } from "../bench-run.ts";
import { percentile } from "../ledger/closed-loop.ts";
import { steadyResident } from "../purchases/sleepers.ts";
import { type Lateness, measureExpiry } from "./expiry.ts";
import { type Followers, openFollowers } from "./followers.ts";
import { type SellingNeeds, type SoldSession, sellSessions } from "./sell-sessions.ts";
import type { AccessWorld } from "./world.ts";

/** How many sessions live at once, over how many milliseconds they end when they do not end together, and how often all are told something. */
export type SessionOptions = { readonly sessions: number; readonly spreadMs: number; readonly broadcasts: number };

/** What live sessions cost. Memory is resident, in bytes; times are milliseconds. */
export type LiveSessions = {
  readonly sessions: number;
  readonly workerBefore: number;
  readonly workerLive: number;
  readonly apiBefore: number;
  readonly apiConnected: number;
  /** From the commit of an event of every session to the socket in the middle, and to the last. */
  readonly broadcasts: readonly { readonly p50: number; readonly last: number }[];
  /** Processor time of the API over one round of ticks, and over as long a time before the first socket. */
  readonly tickCpuMs: number;
  readonly idleCpuMs: number;
  readonly spread: Lateness;
  readonly together: Lateness;
};

type Needs = SellingNeeds & { readonly run: BenchRun };

const HOUR_MS = 3_600_000;
/** A socket is told the time that is left so often. */
const TICK_MS = 30_000;

/** Opens sessions that live on, connects to them, tells each something, and lets as many others end: spread out, and all in one second. */
export async function measureSessions(needs: Needs, options: SessionOptions): Promise<LiveSessions> {
  const { run, world, merchant } = needs;
  const { sessions, spreadMs } = options;
  const [workerBefore, apiBefore] = await Promise.all([steadyResident(world.worker), steadyResident(world.api)]);
  run.progress(`sessions: opening ${sessions}`);
  const endsAt = () => Date.now() + HOUR_MS;
  const sold = await sellSessions({ world, merchant }, { count: sessions, endsAt });
  await followed(world, sold);
  const workerLive = await steadyResident(world.worker);
  const idleCpuMs = await cpuDuring(world, () => pause(TICK_MS));
  run.progress(`sessions: ${sessions} sockets`);
  const followers = await openFollowers(world.description.api, sold);
  const live = { sessions, workerBefore, workerLive, apiBefore, idleCpuMs };
  try {
    const apiConnected = await steadyResident(world.api);
    const broadcasts = await broadcast(world, { followers, sold, times: options.broadcasts });
    const tickCpuMs = await cpuDuring(world, () => pause(TICK_MS));
    if (followers.seen("tick") === 0) throw new Error("no socket was told the time");
    followers.close();
    run.progress(`sessions: ${sessions} end within ${spreadMs} ms`);
    const spread = await measureExpiry(needs, { sessions, spreadMs });
    run.progress(`sessions: ${sessions} end in one second`);
    const together = await measureExpiry(needs, { sessions, spreadMs: 1_000 });
    return { ...live, apiConnected, broadcasts, tickCpuMs, spread, together };
  } finally {
    followers.close();
  }
}

/** Waits until the dispatcher gave every session its workflow. */
async function followed({ owner }: AccessWorld, sold: readonly SoldSession[]): Promise<void> {
  const subjects = sold.map(({ id }) => `access-session/${id}`);
  for (const until = performance.now() + 120_000; performance.now() < until; await pause(250)) {
    const { rows } = await owner.raw<{ rows: { waiting: number }[] }>(
      "SELECT count(*)::integer AS waiting FROM wakes WHERE subject = ANY (?) AND seq > sent_seq",
      [subjects],
    );
    if (rows[0]?.waiting === 0) return;
  }
  throw new Error("The sessions' wakes were not all sent within two minutes.");
}

/** One transaction that says something in every session; how long until each socket heard of it, from its commit on. */
async function broadcast(
  { owner }: AccessWorld,
  input: { readonly followers: Followers; readonly sold: readonly SoldSession[]; readonly times: number },
): Promise<LiveSessions["broadcasts"]> {
  const ids = input.sold.map(({ id }) => id);
  const told: { p50: number; last: number }[] = [];
  for (let time = 0; time < input.times; time += 1) {
    const heard = input.followers.nextOf("asset_maintenance");
    const transaction = await owner.transaction();
    await transaction.raw(
      `WITH said AS (UPDATE access_sessions SET event_seq = event_seq + 1 WHERE id = ANY (?) RETURNING id, event_seq)
       INSERT INTO access_session_events (session_id, seq, type, data) SELECT id, event_seq, 'asset_maintenance', '{}' FROM said`,
      [ids],
    );
    const committing = performance.now();
    await transaction.commit();
    const waits = (await heard).map((at) => at - committing);
    told.push({ p50: percentile(waits, 0.5), last: Math.max(...waits) });
    await pause(500);
  }
  return told;
}

async function cpuDuring({ description }: AccessWorld, work: () => Promise<unknown>): Promise<number> {
  const before = await cpuMs(description.api);
  await work();
  return (await cpuMs(description.api)) - before;
}

/** What the process itself says it used, of all its threads. */
async function cpuMs(api: string): Promise<number> {
  const response = await fetch(`${api}/metrics`);
  const line = (await response.text()).split("\n").find((each) => each.startsWith("process_cpu_seconds_total "));
  if (line === undefined) throw new Error(`/metrics answered ${response.status} and does not tell the processor time`);
  return Number(line.slice(line.lastIndexOf(" "))) * 1000;
}
