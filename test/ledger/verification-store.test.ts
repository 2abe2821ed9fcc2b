import { afterAll, beforeAll, expect, it } from "vitest";
import {
  ensureUsagePartitions,
  insertVerification,
  selectLatestVerification,
} from "../../src/ledger/verification-store.ts";
import { type LedgerWorld, startLedgerWorld } from "./ledger-world.ts";

let world: LedgerWorld;
beforeAll(async () => {
  world = await startLedgerWorld();
});
afterAll(() => world.close());

it("has none before the first, then always the latest one, with its drift to the last digit", async () => {
  expect(await selectLatestVerification(world.database)).toBeUndefined();
  await insertVerification(world.database, { sound: true, drift: 0n, transfers: 3, findings: "{}" });
  await insertVerification(world.database, {
    ...{ sound: false, drift: 9_007_199_254_740_993n, transfers: 4, findings: '{"drifts":[]}' },
  });
  const latest = await selectLatestVerification(world.database);
  expect(latest).toMatchObject({ sound: false, drift: "9007199254740993", transfers: "4" });
  expect(Math.abs(Date.now() - (latest?.verifiedAt.getTime() ?? 0))).toBeLessThan(60_000);
});

it("cannot be changed or removed by the application once it was kept", async () => {
  await insertVerification(world.database, { sound: false, drift: 1n, transfers: 1, findings: "{}" });
  await expect(world.database("ledger_verifications").update({ sound: true })).rejects.toMatchObject({ code: "42501" });
  await expect(world.database("ledger_verifications").delete()).rejects.toMatchObject({ code: "42501" });
});

it("makes the year's partitions of usage once, from the application's role too", async () => {
  await ensureUsagePartitions(world.database);
  expect(await ensureUsagePartitions(world.database)).toBe(0);
});
