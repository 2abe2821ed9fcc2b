import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { insertGasTankReading } from "../src/integrations/chains/gas-tank-store.ts";
import { createMetrics } from "../src/platform/http/metrics.ts";
import { registerWatchMetrics } from "../src/watch-metrics.ts";
import { startTestApp, type TestApp } from "./support/app.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

/** What one scrape says, by metric with its labels. A registry of its own, as another replica would have. */
async function scrape(): Promise<ReadonlyMap<string, number>> {
  const metrics = createMetrics({ processMetrics: false });
  registerWatchMetrics({ ...app.context, metrics });
  const lines = (await metrics.metrics()).split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.split(" ").at(-1))]));
}

describe("what operators' alarms are set on", () => {
  it("shows a gas tank in whole coins and in sweeps, and nothing before it was read", async () => {
    expect([...(await scrape()).keys()].filter((name) => name.startsWith("gas_tank"))).toEqual([]);
    await insertGasTankReading(app.database, {
      chain: "eip155:31337",
      wallet: "0xabc",
      balanceUnits: 1_500_000_000_000_000_000n,
      gasPriceUnits: 1n,
      sweepsLeft: 12,
      runways: {},
      level: "low",
    });
    const after = await scrape();
    expect([after.get('gas_tank_native{chain="local"}'), after.get('gas_tank_sweeps_left{chain="local"}')]).toEqual([
      1.5, 12,
    ]);
  });
});
