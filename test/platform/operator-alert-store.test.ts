import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Database } from "../../src/platform/database/pool.ts";
import { openDatabase } from "../../src/platform/database/pool.ts";
import {
  findAlert,
  markAlertDelivered,
  purgeAlerts,
  raiseAlert,
  resolveAlert,
} from "../../src/platform/operator-alert-store.ts";
import { noteParked } from "../../src/platform/temporal/parked-workflow-store.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";

let test: TestDatabase;
let database: Database;
beforeAll(async () => {
  test = await createTestDatabase();
  database = openDatabase(test.applicationUrl, { maxConnections: 8, name: "alerts-test" });
});
afterAll(async () => {
  await database.destroy();
  await test.drop();
});

const low = (subject: string) => ({ subject, code: "gas_tank_low", text: "Send coin." });
const alertsOf = async (subject: string) => {
  const rows: { id: string; resolved_at: Date | null }[] = await database("operator_alerts").where({ subject });
  return rows;
};

describe("operator alerts", () => {
  it("are forgotten 90 days after they were resolved, in batches; not before, not while open, not while their delivery is parked", async () => {
    const resolvedAgo = (subject: string, days: number | null) =>
      database.raw(
        `INSERT INTO operator_alerts (id, subject, code, text, since, resolved_at)
         VALUES (:id, :subject, 'old', 'Old.', now() - interval '1 year', now() - make_interval(days => :days::int))`,
        { id: subject, subject, days },
      );
    for (const [subject, days] of [
      ["old-1", 91],
      ["old-2", 92],
      ["old-3", 400],
      ["young", 89],
      ["open", null],
      ["parked", 91],
    ] as const)
      await resolvedAgo(subject, days);
    const words = {
      step: "x",
      phase: null,
      stepName: null,
      code: "x",
      reason: "x",
      nextAction: "x",
      since: new Date(),
    };
    await noteParked(database, { subject: "alert/parked", ...words });
    expect([await purgeAlerts(database, 2), await purgeAlerts(database, 2)]).toEqual([2, 1]);
    const left: string[] = await database("operator_alerts").where({ code: "old" }).orderBy("id").pluck("id");
    expect(left).toEqual(["open", "parked", "young"]);
    for (const id of ["open", "young"])
      await expect(database("operator_alerts").where({ id }).delete()).rejects.toThrow(/kept for 90 days/);
  });

  it("are told once while they last, however many see the cause at the same time", async () => {
    const raised = await Promise.all(Array.from({ length: 8 }, () => raiseAlert(database, low("gas-tank/a"))));
    expect(raised.filter(Boolean)).toHaveLength(1);
    const [alert] = await alertsOf("gas-tank/a");
    const wakes: { seq: string }[] = await database("wakes").where({ subject: `alert/${alert?.id}` });
    expect(wakes.map(({ seq }) => seq)).toEqual(["1"]);
  });

  it("are told again after they were resolved, and resolved once", async () => {
    await raiseAlert(database, low("gas-tank/b"));
    expect(await resolveAlert(database, low("gas-tank/b"))).toBe(true);
    expect(await resolveAlert(database, low("gas-tank/b"))).toBe(false);
    expect(await raiseAlert(database, low("gas-tank/b"))).toBe(true);
    expect((await alertsOf("gas-tank/b")).map(({ resolved_at }) => resolved_at === null).sort()).toEqual([false, true]);
  });

  it("keep the first time they were delivered", async () => {
    await raiseAlert(database, low("gas-tank/c"));
    const id = (await alertsOf("gas-tank/c"))[0]?.id ?? "";
    await markAlertDelivered(database, id);
    const first = (await findAlert(database, id))?.deliveredAt;
    await markAlertDelivered(database, id);
    expect((await findAlert(database, id))?.deliveredAt).toEqual(first);
    expect(await findAlert(database, "alt_none")).toBeUndefined();
  });

  it("leave nothing when the transaction that raised them fails", async () => {
    const raise = database.transaction(async (transaction) => {
      await raiseAlert(transaction, low("gas-tank/d"));
      throw new Error("the change did not happen");
    });
    await expect(raise).rejects.toThrow("did not happen");
    expect(await alertsOf("gas-tank/d")).toEqual([]);
  });
});
