import type { Knex } from "knex";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { usageMetered } from "../../src/ledger/postings/usage.ts";
import { nanodollars } from "../../src/money/nanodollars.ts";
import { closedLoop, type Slice } from "./closed-loop.ts";
import type { HttpCallers, HttpTarget } from "./http-load.ts";
import type { MachineLimits } from "./machine-limits.ts";
import { openNaiveLedger } from "./naive-ledger.ts";
import type { BenchWorld } from "./world.ts";

/** One thing to measure: its name, which the report and the goals use, and how to run it for some seconds. */
export type Measure = { readonly name: string; readonly run: (seconds: number) => Promise<Slice> };

/** What is measured stands on this. */
export type MeasureNeeds = {
  readonly world: BenchWorld;
  readonly limits: MachineLimits;
  readonly ledger: Ledger;
  readonly naiveDatabase: Knex;
  readonly targets: Readonly<Record<"empty" | "naive" | "ours", HttpTarget>>;
};

const IN_FLIGHT = 64;
const runId = Date.now().toString(36);
let sent = 0;

/** Every measure of one phase, in the order of the report. */
export function measuresOf(needs: MeasureNeeds): readonly Measure[] {
  return [...machine(needs), ...byCall(needs), ...overHttp(needs)];
}

function machine({ limits }: MeasureNeeds): readonly Measure[] {
  const batches = (connections: number, size: number): Measure => ({
    name: `machine: same rows, ${connections} x ${size} a statement`,
    run: (seconds) =>
      closedLoop({
        callers: connections,
        seconds,
        eventsPerCall: size,
        call: (caller) => limits.insertBatch(size, caller),
      }),
  });
  return [
    {
      name: "machine: insert one row",
      run: (seconds) => closedLoop({ callers: IN_FLIGHT, seconds, call: limits.insertOne }),
    },
    {
      name: "machine: update one hot row",
      run: (seconds) => closedLoop({ callers: IN_FLIGHT, seconds, call: limits.updateHot }),
    },
    batches(1, 64),
    batches(2, 32),
    batches(1, 1000),
    batches(2, 1000),
  ];
}

function byCall({ world, ledger, naiveDatabase }: MeasureNeeds): readonly Measure[] {
  const naive = openNaiveLedger(naiveDatabase);
  const any = () => Math.floor(Math.random() * world.accounts.length);
  const naively = (account: () => number) => (seconds: number) =>
    closedLoop({
      callers: IN_FLIGHT,
      seconds,
      call: () => naive.post({ account: account(), key: nextId(), amount: 1000n, quantity: "1.5" }),
    });
  const ours = (callers: number, account: () => number) => (seconds: number) =>
    closedLoop({
      callers,
      seconds,
      call: () => {
        const debited = world.accounts[account()];
        if (debited === undefined) throw new RangeError("no such account");
        const usage = {
          family: "purchases",
          eventId: nextId(),
          amount: nanodollars(1000n),
          quantity: "1.5",
          unit: "GB",
        };
        return ledger.post(usageMetered({ account: debited, ...usage }));
      },
    });
  return [
    { name: "naive: 1,000 accounts", run: naively(any) },
    { name: "naive: one account", run: naively(() => 0) },
    { name: "ours: 1,000 accounts", run: ours(IN_FLIGHT, any) },
    { name: "ours: one account", run: ours(IN_FLIGHT, () => 0) },
    { name: "ours: 1,000 accounts, 512 in flight", run: ours(512, any) },
  ];
}

function overHttp({ world, targets }: MeasureNeeds): readonly Measure[] {
  const any = () => Math.floor(Math.random() * world.accounts.length);
  // Every slice first meets each purchase once, unmeasured: between two slices of one server its caches have expired.
  const over = (target: HttpTarget, account: () => number) => async (seconds: number) => {
    const callers = await target.connect();
    const all = Array.from({ length: IN_FLIGHT }, (_, caller) => warm(callers, caller, world.accounts.length));
    await Promise.all(all);
    const call = (caller: number) => callers.report(caller, account());
    return closedLoop({ callers: IN_FLIGHT, seconds, call }).finally(callers.close);
  };
  return [
    { name: "HTTP, empty: 1,000 accounts", run: over(targets.empty, any) },
    { name: "HTTP, naive: 1,000 accounts", run: over(targets.naive, any) },
    { name: "HTTP, ours: 1,000 accounts", run: over(targets.ours, any) },
    { name: "HTTP, ours: one account", run: over(targets.ours, () => 0) },
  ];
}

async function warm(callers: HttpCallers, caller: number, purchases: number): Promise<void> {
  for (let purchase = caller; purchase < purchases; purchase += IN_FLIGHT) await callers.report(caller, purchase);
}

function nextId(): string {
  sent += 1;
  return `${runId}-${sent}`;
}
