import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { usageMetered } from "../../src/ledger/postings/usage.ts";
import { nanodollars } from "../../src/money/nanodollars.ts";
import { fundedAccount, type LedgerWorld, startLedgerWorld } from "./ledger-world.ts";

let world: LedgerWorld;
beforeAll(async () => {
  world = await startLedgerWorld();
});
afterAll(() => world.close());

const partitionOf = async (eventTime: Date) => {
  const { rows } = await world.database.raw(
    "SELECT tableoid::regclass::text AS name, quantity FROM usage_records WHERE occurred_at = ?",
    [eventTime],
  );
  return rows[0].name;
};

describe("usage partitions", () => {
  it("exist for a year ahead after migration, and making them again makes none", async () => {
    const make = () => world.database.raw("SELECT ensure_usage_partitions() AS made");
    const made = await Promise.all([make(), make(), make()]);
    expect(made.map(({ rows }) => rows[0].made)).toEqual([0, 0, 0]);
  });

  it("take over, without losing any, the rows that came before their month was made", async () => {
    const account = await fundedAccount(world);
    const months = (count: number) =>
      new Date(Date.UTC(new Date().getUTCFullYear(), new Date().getUTCMonth() + count, 15));
    const times = [months(0), months(13), months(15)];
    for (const [n, occurredAt] of times.entries()) {
      await world.ledger.post(
        usageMetered({
          account,
          family: "purchases",
          eventId: `p-${n}`,
          amount: nanodollars(1n),
          quantity: "1",
          unit: "GB",
          occurredAt,
        }),
      );
    }
    expect(await Promise.all(times.slice(1).map(partitionOf))).toEqual([
      "usage_records_default",
      "usage_records_default",
    ]);
    const { rows } = await world.database.raw("SELECT ensure_usage_partitions(14) AS made");
    expect(rows[0].made).toBe(2);
    const names = await Promise.all(times.map(partitionOf));
    expect(names[1]).toBe(`usage_records_${months(13).toISOString().slice(0, 7).replace("-", "_")}`);
    expect([names[0]?.startsWith("usage_records_2"), names[2]]).toEqual([true, "usage_records_default"]);
    const kept = await world.database.raw("SELECT count(*)::int AS n FROM usage_records");
    expect(kept.rows[0].n).toBe(3);
  });

  it("are refused in absurd numbers", async () => {
    for (const months of [-1, 121]) {
      await expect(world.database.raw("SELECT ensure_usage_partitions(?)", [months])).rejects.toMatchObject({
        code: "22023",
      });
    }
  });
});
