import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { insertGasTankReading } from "../src/integrations/chains/outgoing/gas-tank-store.ts";
import { insertReconciliation } from "../src/integrations/chains/reconciliation/reconciliation-store.ts";
import { createMetrics } from "../src/platform/http/metrics.ts";
import { endDueSession } from "../src/products/access/sessions/end-due-session.ts";
import { registerWatchMetrics } from "../src/watch-metrics.ts";
import { sessionRows } from "./products/access/sessions/session-world.ts";
import { startTestApp, type TestApp } from "./support/app.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

/** What one scrape says, by metric with its labels. A registry of its own, as another replica would have. */
async function scrape(over: Partial<TestApp["context"]> = {}): Promise<ReadonlyMap<string, number>> {
  const metrics = createMetrics({ processMetrics: false });
  registerWatchMetrics({ ...app.context, ...over, metrics });
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

  it("shows the drift of the latest comparison of each token, and when that was", async () => {
    const run = { chain: "eip155:31337", token: "USDC", blockNumber: 9, places: 1, expectedUnits: 5n, foundUnits: 2n };
    const figures = { underWayUnits: 0n, foreignUnits: 0n, ledgerNanodollars: 5_000n };
    await insertReconciliation(app.database, { ...run, ...figures, status: "sound", driftUnits: 0n, drifts: [] });
    const drifts = [{ place: "0xabc", unit: "base_units" as const, expected: 5n, found: 2n }];
    await insertReconciliation(app.database, { ...run, ...figures, status: "drift", driftUnits: 3n, drifts });
    const found = await scrape();
    expect(found.get('chain_drift_units{chain="local",token="USDC"}')).toBe(3);
    const at = found.get('chain_compared_timestamp_seconds{chain="local",token="USDC"}') ?? 0;
    expect(Math.abs(at - Date.now() / 1000)).toBeLessThan(60);
  });

  it("counts the sessions that run, and says which facilitator fails or never answered", async () => {
    const rows = sessionRows({ database: app.database, owner: app.owner });
    await rows.sell();
    const { session } = await rows.sell();
    expect((await scrape()).get("access_sessions_active")).toBe(2);
    await rows.endIn(session.id, -1);
    await endDueSession({ database: app.database }, { sessionId: session.id });
    const facilitators = {
      ...app.context.facilitators,
      health: () => [
        { name: "payai", isFailing: false, isKnown: true },
        { name: "own", isFailing: true, isKnown: true },
        { name: "own-2", isFailing: false, isKnown: false },
      ],
    };
    const found = await scrape({ facilitators });
    expect(found.get("access_sessions_active")).toBe(1);
    const failing = ["payai", "own", "own-2"].map((name) => found.get(`facilitator_failing{facilitator="${name}"}`));
    expect(failing).toEqual([0, 1, 1]);
  });
});
