import { Gauge } from "prom-client";
import type { ApiContext } from "./context.ts";
import { findGasTankReading } from "./integrations/chains/outgoing/gas-tank-store.ts";
import { listLatestReconciliations } from "./integrations/chains/reconciliation/reconciliation-store.ts";
import { countActiveSessions } from "./products/access/sessions/overdue-session-store.ts";
import { STUCK_KINDS } from "./products/purchases/watch/stuck-limits.ts";
import { countStuck } from "./products/purchases/watch/stuck-store.ts";

const NATIVE_DECIMALS = 18;

/**
 * Adds what operators' alarms are set on to `/metrics`: gas tanks, chains compared with the books, facilitators, what is stuck. Read from Postgres when scraped, so every
 * replica says the same and no node is asked; what was never read is absent. A facilitator's state is what this process saw of it.
 */
export function registerWatchMetrics({
  database,
  metrics,
  networks,
  facilitators,
}: Pick<ApiContext, "database" | "metrics" | "networks" | "facilitators">): void {
  const registers = [metrics];
  const labelNames = ["chain"] as const;
  const nameOf = (id: string) => networks.find((network) => network.id === id)?.shortName ?? id;
  new Gauge({
    name: "gas_tank_native",
    help: "Native coin in the wallet that pays for sweeps, in whole coins.",
    labelNames,
    registers,
    async collect() {
      for (const { id, shortName, nativeDecimals = NATIVE_DECIMALS } of networks) {
        const reading = await findGasTankReading(database, id);
        if (reading !== undefined) this.set({ chain: shortName }, Number(reading.balanceUnits) / 10 ** nativeDecimals);
      }
    },
  });
  new Gauge({
    name: "gas_tank_sweeps_left",
    help: "Sweeps the gas tank still pays for, at what recent sweeps took and at the gas price of the last reading.",
    labelNames,
    registers,
    async collect() {
      for (const { id, shortName } of networks) {
        const reading = await findGasTankReading(database, id);
        if (reading !== undefined) this.set({ chain: shortName }, reading.sweepsLeft);
      }
    },
  });
  registerComparisonMetrics({ database, registers, nameOf });
  new Gauge({
    name: "facilitator_failing",
    help: "1 where a facilitator gave no usable answer lately, or never said what it supports: payers are turned away, or sent to another.",
    labelNames: ["facilitator"],
    registers,
    collect() {
      for (const { name, isFailing, isKnown } of facilitators.health())
        this.set({ facilitator: name }, isFailing || !isKnown ? 1 : 0);
    },
  });
  new Gauge({
    name: "access_sessions_active",
    help: "Sessions that run now.",
    registers,
    async collect() {
      this.set(await countActiveSessions(database));
    },
  });
  new Gauge({
    name: "stuck_items",
    help: "What stands still past the time its state allows, by kind.",
    labelNames: ["kind"],
    registers,
    async collect() {
      for (const kind of STUCK_KINDS) this.set({ kind }, 0);
      for (const { kind, count } of await countStuck(database)) this.set({ kind }, count);
    },
  });
}

function registerComparisonMetrics({
  database,
  registers,
  nameOf,
}: Pick<ApiContext, "database"> & {
  readonly registers: readonly ApiContext["metrics"][];
  readonly nameOf: (id: string) => string;
}): void {
  new Gauge({
    name: "chain_drift_units",
    help: "Base units by which a chain and the books differ, magnitudes summed, at the latest comparison.",
    labelNames: ["chain", "token"],
    registers: [...registers],
    async collect() {
      for (const { chain, token, driftUnits } of await listLatestReconciliations(database))
        this.set({ chain: nameOf(chain), token }, Number(driftUnits));
    },
  });
  new Gauge({
    name: "chain_foreign_units",
    help: "Base units in the settlement wallet that are no payment of ours, at the latest comparison.",
    labelNames: ["chain", "token"],
    registers: [...registers],
    async collect() {
      for (const { chain, token, foreignUnits } of await listLatestReconciliations(database))
        this.set({ chain: nameOf(chain), token }, Number(foreignUnits));
    },
  });
  new Gauge({
    name: "chain_compared_timestamp_seconds",
    help: "When a chain was last compared with the books, in seconds of the epoch.",
    labelNames: ["chain", "token"],
    registers: [...registers],
    async collect() {
      for (const { chain, token, ranAt } of await listLatestReconciliations(database))
        this.set({ chain: nameOf(chain), token }, ranAt.getTime() / 1000);
    },
  });
}
