import Table from "cli-table3";
import { median } from "./closed-loop.ts";
import { type BenchResult, figure, type Phase } from "./run.ts";

/** One goal of the project, what this run reached, and whether that is enough. */
type Goal = { readonly name: string; readonly reached: number; readonly goal: string; readonly met: boolean };

const RAW = "machine: same rows, 1 x 64 a statement";

/** The goals of the ledger against one result. Ratios are of the same round; the first phase starts from an empty journal. */
function goalsOf({ phases, bytesPerEvent }: BenchResult): readonly Goal[] {
  const [first, second] = phases;
  const http = "HTTP, ours: 1,000 accounts";
  const empty = "HTTP, empty: 1,000 accounts";
  return [
    atLeast("by call, 64 in flight / raw batched insert of the same rows", ofRaw(first), 0.65),
    atLeast("by call / naive, 1,000 accounts", ratio(first, "ours: 1,000 accounts", "naive: 1,000 accounts"), 12),
    atLeast("by call / naive, one account", ratio(first, "ours: one account", "naive: one account"), 50),
    atLeast(
      `the first of these at ${second.existingEntries.toLocaleString("en")} entries / at none`,
      ofRaw(second) / ofRaw(first),
      0.9,
    ),
    atLeast("over HTTP / the same route doing nothing", ratio(first, http, empty), 0.75),
    atLeast("over HTTP / naive over HTTP", ratio(first, http, "HTTP, naive: 1,000 accounts"), 6),
    atMost("p99 over HTTP / p99 of the route doing nothing", figure(first, http).p99 / figure(first, empty).p99, 2),
    atMost("bytes per event, usage and indexes included", bytesPerEvent, 430),
  ];
}

/** The whole result as text. */
export function printResult(result: BenchResult): string {
  const { machine, settings, phases, sound } = result;
  const heading = [
    `${machine.cores} cores (${machine.model}), Node ${machine.node}, PostgreSQL ${settings.server_version}`,
    `fsync=${settings.fsync} synchronous_commit=${settings.synchronous_commit} full_page_writes=${settings.full_page_writes} wal_sync_method=${settings.wal_sync_method}`,
  ];
  const goals = new Table({ head: ["goal", "reached", "wanted", ""], style: { head: [], border: [] } });
  for (const { name, reached, goal, met } of goalsOf(result))
    goals.push([name, round(reached), goal, met ? "met" : "MISSED"]);
  const verdict = sound
    ? "Afterwards every balance was recomputed from its entries: no drift."
    : "THE BOOKS ARE NOT SOUND.";
  return [...heading, ...phases.map(printPhase), goals.toString(), verdict].join("\n");
}

/** The whole result for programs. */
export function toJson(result: BenchResult): unknown {
  const phases = result.phases.map((phase) => ({
    existing_entries: phase.existingEntries,
    measures: [...phase.slices.keys()].map((name) => {
      const { perSecond, p50, p99 } = figure(phase, name);
      return { name, events_per_second: Math.round(perSecond), p50_ms: round(p50), p99_ms: round(p99) };
    }),
  }));
  return { ...result, phases, bytes_per_event: result.bytesPerEvent, goals: goalsOf(result) };
}

function printPhase(phase: Phase): string {
  const head = [`${phase.existingEntries.toLocaleString("en")} existing entries`, "events/s", "p50 ms", "p99 ms"];
  const table = new Table({ head, style: { head: [], border: [] }, colAligns: ["left", "right", "right", "right"] });
  for (const name of phase.slices.keys()) {
    const { perSecond, p50, p99 } = figure(phase, name);
    table.push([name, Math.round(perSecond).toLocaleString("en"), round(p50), round(p99)]);
  }
  return table.toString();
}

/** The yardstick is emptied every round, so this also takes out how busy the machine was in one phase and the other. */
function ofRaw(phase: Phase): number {
  return ratio(phase, "ours: 1,000 accounts", RAW);
}

function ratio(phase: Phase, over: string, under: string): number {
  const [overs, unders] = [phase.slices.get(over) ?? [], phase.slices.get(under) ?? []];
  return median(overs.map(({ perSecond }, index) => perSecond / (unders[index]?.perSecond ?? Number.NaN)));
}

function atLeast(name: string, reached: number, goal: number): Goal {
  return { name, reached, goal: `>= ${goal}`, met: reached >= goal };
}

function atMost(name: string, reached: number, goal: number): Goal {
  return { name, reached, goal: `<= ${goal}`, met: reached <= goal };
}

function round(value: number): number {
  return Number(value.toPrecision(3));
}
