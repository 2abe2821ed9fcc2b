import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { registerBusinessMetrics } from "../src/business-metrics.ts";
import { insertVerification } from "../src/ledger/verification-store.ts";
import { createMetrics } from "../src/platform/http/metrics.ts";
import { raiseWake } from "../src/platform/temporal/wake-store.ts";
import { sessionRows } from "./products/access/sessions/session-world.ts";
import { sell } from "./products/purchases/sales.ts";
import { startTestApp, type TestApp } from "./support/app.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

/** What one scrape says, by metric with its labels. A registry of its own, as another replica would have. */
async function scrape(): Promise<ReadonlyMap<string, number>> {
  const metrics = createMetrics({ processMetrics: false });
  registerBusinessMetrics({ database: app.database, metrics });
  const lines = (await metrics.metrics()).split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.split(" ").at(-1))]));
}

describe("what the business is watched by", () => {
  it("tells books that were never verified from books without drift", async () => {
    const before = await scrape();
    expect([before.get("ledger_drift_nanodollars"), before.get("ledger_verified_timestamp_seconds")]).toEqual([-1, 0]);
    await insertVerification(app.database, { sound: true, drift: 0n, transfers: 1, findings: "{}" });
    const after = await scrape();
    expect(after.get("ledger_drift_nanodollars")).toBe(0);
    expect(Math.abs((after.get("ledger_verified_timestamp_seconds") ?? 0) - Date.now() / 1000)).toBeLessThan(60);
  });

  it("shows the drift of the latest verification", async () => {
    await insertVerification(app.database, { sound: false, drift: 7n, transfers: 1, findings: "{}" });
    expect((await scrape()).get("ledger_drift_nanodollars")).toBe(7);
  });

  it("counts purchases by status, and forgets a status nobody has any more", async () => {
    const { purchaseId } = await sell(app);
    const { status } = await app.owner("purchases").where({ id: purchaseId }).first("status");
    expect((await scrape()).get(`purchases{status="${status}"}`)).toBe(1);
    expect([...(await scrape()).keys()].filter((name) => name.startsWith("purchases"))).toHaveLength(1);
  });

  it("counts payments for access that are in doubt, and says how long the oldest is", async () => {
    const doubt = async () => {
      const metrics = await scrape();
      const oldest = metrics.get("access_payments_in_doubt_oldest_seconds");
      return [metrics.get('access_payments_in_doubt{status="unknown"}'), oldest];
    };
    expect(await doubt()).toEqual([0, 0]);
    const rows = sessionRows(app);
    const { session } = await rows.sell();
    const { id } = await rows.payExtension(session.id, "unknown");
    await app
      .owner("access_payments")
      .where({ id })
      .update({ created_at: app.owner.raw("now() - interval '100 seconds'") });
    const [count, oldest] = await doubt();
    expect(count).toBe(1);
    expect(oldest).toBeGreaterThanOrEqual(99);
  });

  it("shows how long the oldest wake has waited", async () => {
    await app.owner("wakes").delete();
    expect((await scrape()).get("wakes_oldest_seconds")).toBe(0);
    await raiseWake(app.database, "purchase/pur_waiting");
    await app.owner("wakes").update({ updated_at: app.owner.raw("now() - interval '90 seconds'") });
    const waited = (await scrape()).get("wakes_oldest_seconds") ?? 0;
    expect(waited).toBeGreaterThanOrEqual(89);
    expect(waited).toBeLessThan(180);
  });
});
