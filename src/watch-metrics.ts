import { Gauge } from "prom-client";
import type { ApiContext } from "./context.ts";
import { findGasTankReading } from "./integrations/chains/gas-tank-store.ts";

const NATIVE_DECIMALS = 18;

/**
 * Adds what operators' alarms are set on to `/metrics`: the gas tanks. Read from Postgres when scraped, so every replica says the same
 * and no node is asked; what was never read is absent.
 */
export function registerWatchMetrics({
  database,
  metrics,
  networks,
}: Pick<ApiContext, "database" | "metrics" | "networks">): void {
  const registers = [metrics];
  const labelNames = ["chain"] as const;
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
}
