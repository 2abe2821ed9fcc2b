import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  averageSweepCosts,
  findGasTankReading,
  insertGasTankReading,
} from "../../../../src/integrations/chains/outgoing/gas-tank-store.ts";
import { openDatabase } from "../../../../src/platform/database/pool.ts";
import { createTestDatabase } from "../../../support/database.ts";

const tank = async () => {
  const test = await createTestDatabase();
  const database = openDatabase(test.applicationUrl, { maxConnections: 2, name: "tank-rows" });
  const owner = openDatabase(test.ownerUrl, { maxConnections: 1, name: "tank-owner" });
  return {
    database,
    owner,
    stop: async () => {
      await Promise.all([database.destroy(), owner.destroy()]);
      await test.drop();
    },
  };
};

let rows: Awaited<ReturnType<typeof tank>>;
beforeAll(async () => {
  rows = await tank();
});
afterAll(() => rows.stop());

const reading = (chain: string, sweepsLeft: number) => ({
  chain,
  wallet: "0xabc",
  balanceUnits: 10n ** 30n,
  gasPriceUnits: 7n,
  sweepsLeft,
  runways: { gas_top_up: sweepsLeft },
  level: "low" as const,
});

describe("gas tank readings", () => {
  it("answer the latest of their own chain, exact beyond what a double holds", async () => {
    await insertGasTankReading(rows.database, reading("eip155:1", 9));
    await insertGasTankReading(rows.database, reading("eip155:1", 8));
    await insertGasTankReading(rows.database, reading("eip155:2", 5));
    expect(await findGasTankReading(rows.database, "eip155:1")).toMatchObject(reading("eip155:1", 8));
    expect(await findGasTankReading(rows.database, "eip155:3")).toBeUndefined();
  });

  it("are forgotten after a week, of their own chain", async () => {
    await rows.owner("gas_tank_readings").update({ read_at: rows.owner.raw("now() - interval '8 days'") });
    await insertGasTankReading(rows.database, reading("eip155:1", 7));
    const left: { chain: string }[] = await rows.database("gas_tank_readings").select("chain").orderBy("chain");
    expect(left.map(({ chain }) => chain)).toEqual(["eip155:1", "eip155:2"]);
  });
});

describe("averageSweepCosts", () => {
  it("knows nothing of a chain that was never swept", async () => {
    expect(await averageSweepCosts(rows.database, "eip155:1")).toEqual([]);
  });
});
