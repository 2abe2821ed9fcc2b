import { cpus } from "node:os";
import { openLedger } from "../../src/ledger/ledger.ts";
import { verifyLedger } from "../../src/ledger/reconcile.ts";
import { openDatabase } from "../../src/platform/database/pool.ts";
import type { BenchRun } from "../bench-run.ts";
import { medianSlice, type Slice } from "./closed-loop.ts";
import { startHttpTarget } from "./http-load.ts";
import { openMachineLimits } from "./machine-limits.ts";
import { type MeasureNeeds, measuresOf } from "./measures.ts";
import { createNaiveTables } from "./naive-ledger.ts";
import { type BenchWorld, startBenchWorld, withClient } from "./world.ts";

/** Rounds of a phase, seconds of a slice, and how many entries the second phase starts from. */
export type BenchOptions = {
  readonly rounds: number;
  readonly seconds: number;
  readonly entries: number;
};

type Options = BenchOptions & Pick<BenchRun, "progress">;

/** All slices of one phase, by measure. */
export type Phase = { readonly existingEntries: number; readonly slices: ReadonlyMap<string, readonly Slice[]> };

/** Everything a run found out. */
export type BenchResult = {
  readonly machine: { readonly cores: number; readonly model: string; readonly node: string };
  readonly settings: Readonly<Record<string, string>>;
  readonly phases: readonly [Phase, Phase];
  readonly bytesPerEvent: number;
  readonly sound: boolean;
};

const ACCOUNTS = 1_000;

/**
 * Runs everything on one database of its own. Within a round each measure gets one short slice, so all of them see the same moments of
 * a machine that is never quite quiet; a figure is the median of its slices, a ratio the median of the rounds' ratios.
 */
export async function runLedgerBench(run: BenchRun, size: BenchOptions): Promise<BenchResult> {
  run.progress("starting PostgreSQL and opening 1,000 accounts");
  const options = { ...size, progress: run.progress };
  const world = await startBenchWorld(run, ACCOUNTS);
  try {
    await createNaiveTables(world.ownerUrl, ACCOUNTS);
    return await withNeeds(world, (needs) => runPhases(needs, options));
  } finally {
    await world.stop();
  }
}

async function withNeeds<Result>(world: BenchWorld, use: (needs: MeasureNeeds) => Promise<Result>): Promise<Result> {
  const naiveDatabase = openDatabase(world.applicationUrl, { maxConnections: 16, name: "bench-naive" });
  const ledger = openLedger({ databaseUrl: world.applicationUrl });
  const limits = await openMachineLimits(world.ownerUrl, ACCOUNTS);
  const start = (mode: "empty" | "naive" | "ours") => startHttpTarget(world.applicationUrl, mode);
  const targets = { empty: await start("empty"), naive: await start("naive"), ours: await start("ours") };
  try {
    return await use({ world, ledger, limits, naiveDatabase, targets });
  } finally {
    await Promise.all(Object.values(targets).map((target) => target.stop()));
    await limits.close();
    await ledger.close();
    await naiveDatabase.destroy();
  }
}

async function runPhases(needs: MeasureNeeds, options: Options): Promise<BenchResult> {
  const { world } = needs;
  const first = await runPhase(needs, 0, options);
  const bytesPerEvent = await readBytesPerEvent(world);
  options.progress(`loading ${options.entries.toLocaleString("en")} entries`);
  await loadEntries(world, options.entries);
  const second = await runPhase(needs, options.entries, options);
  options.progress("recomputing every balance");
  const owner = openDatabase(world.ownerUrl, { maxConnections: 1, name: "bench-verify" });
  await owner.raw("SET statement_timeout = 0");
  const { sound } = await verifyLedger(owner).finally(() => owner.destroy());
  const [cpu] = cpus();
  const machine = { cores: cpus().length, model: cpu?.model ?? "unknown", node: process.version };
  return { machine, settings: world.settings, phases: [first, second], bytesPerEvent, sound };
}

async function runPhase(needs: MeasureNeeds, existingEntries: number, options: Options): Promise<Phase> {
  const measures = measuresOf(needs);
  const slices = new Map<string, Slice[]>(measures.map(({ name }) => [name, []]));
  for (const { run } of measures) await run(options.seconds / 2);
  for (let round = 1; round <= options.rounds; round += 1) {
    options.progress(`${existingEntries.toLocaleString("en")} entries: round ${round} of ${options.rounds}`);
    for (const { name, run } of measures) slices.get(name)?.push(await run(options.seconds));
    await needs.limits.reset();
  }
  return { existingEntries, slices };
}

/** The median slice of a measure. */
export function figure(phase: Phase, name: string): Slice {
  return medianSlice(phase.slices.get(name) ?? []);
}

function readBytesPerEvent(world: BenchWorld): Promise<number> {
  return withClient(world.ownerUrl, async (client) => {
    const { rows } = await client.query<{ bytes: string }>(
      `SELECT ((SELECT sum(pg_total_relation_size(c.oid)) FROM pg_class c WHERE c.relkind = 'r'
         AND (c.oid = 'journal'::regclass OR c.oid IN (SELECT inhrelid FROM pg_inherits WHERE inhparent = 'usage_records'::regclass)))
         / (SELECT count(*) FROM journal))::int AS bytes`,
    );
    return Number(rows[0]?.bytes);
  });
}

async function loadEntries(world: BenchWorld, entries: number): Promise<void> {
  await withClient(world.ownerUrl, async (client) => {
    for (let loaded = 0; loaded < entries; loaded += 1000)
      await client.query({ name: "load", text: LOAD, values: [ACCOUNTS] });
    await client.query("ANALYZE journal");
  });
  await withClient(world.adminUrl, (client) => client.query("CHECKPOINT"));
}

const LOAD = `
WITH batch AS MATERIALIZED (SELECT nextval('journal_batches') AS base), posted AS (
  INSERT INTO journal (entry_id, leg, debit_account, credit_account, amount, created_at, ref, payload_hash, kind)
  SELECT b.base + n, 0, 2 * (1 + floor(random() * $1)), (SELECT id FROM ledger_accounts WHERE name = 'revenue/purchases'), 1000, now(),
    gen_random_uuid(), gen_random_uuid(), (SELECT id FROM entry_kinds WHERE name = 'usage_metered')
  FROM batch b, generate_series(1, 1000) n RETURNING debit_account, entry_id
)
INSERT INTO usage_records (account_id, entry_id, occurred_at, amount, quantity, unit)
SELECT debit_account, entry_id, now(), 1000, 1.5, 'GB' FROM posted`;
