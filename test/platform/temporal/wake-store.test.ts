import { setTimeout as pause } from "node:timers/promises";
import type { Knex } from "knex";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openDatabase } from "../../../src/platform/database/pool.ts";
import {
  claimWakes,
  confirmWake,
  postponeWake,
  raiseWake,
  raiseWakes,
  readWakeBacklog,
} from "../../../src/platform/temporal/wake-store.ts";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";

let testDatabase: TestDatabase;
let database: Knex;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  database = openDatabase(testDatabase.applicationUrl, { maxConnections: 10, name: "wake-store-test" });
});
afterAll(async () => {
  await database?.destroy();
  await testDatabase?.drop();
});
beforeEach(async () => {
  await database("wakes").delete();
});

const claim = (leaseSeconds = 30, limit = 100) => claimWakes(database, { limit, leaseSeconds });

describe("raising", () => {
  it("makes one row of any number of wakes, with a sequence that counts them", async () => {
    for (let count = 0; count < 5; count += 1) await raiseWake(database, "purchase/1");
    expect(await claim()).toEqual([{ subject: "purchase/1", sequence: 5n, attempts: 1 }]);
  });

  it("of several raises each once, and never waits in a ring with others who raise the same in another order", async () => {
    const subjects = Array.from({ length: 30 }, (_, index) => `purchase/${index}`);
    const orders = [
      subjects,
      subjects.toReversed(),
      [...subjects, "purchase/1"].sort(),
      subjects.toSorted().toReversed(),
    ];
    for (let round = 0; round < 10; round += 1)
      await Promise.all(orders.map((order) => database.transaction((transaction) => raiseWakes(transaction, order))));
    const raised = await claim();
    expect(raised.map(({ subject }) => subject).sort()).toEqual(subjects.sort());
    expect(new Set(raised.map(({ sequence }) => sequence))).toEqual(new Set([40n]));
  });

  it("is undone with the transaction it was part of", async () => {
    await database
      .transaction(async (transaction) => {
        await raiseWake(transaction, "purchase/1");
        throw new Error("undone");
      })
      .catch(() => undefined);
    expect(await claim()).toEqual([]);
  });
});

describe("claiming", () => {
  it("gives each wake to one of many dispatchers", async () => {
    for (let index = 0; index < 40; index += 1) await raiseWake(database, `purchase/${index}`);
    const claims = await Promise.all(Array.from({ length: 8 }, () => claim(30, 5)));
    const subjects = claims.flat().map(({ subject }) => subject);
    expect(subjects).toHaveLength(40);
    expect(new Set(subjects).size).toBe(40);
  });

  it("takes no more than asked", async () => {
    for (let index = 0; index < 3; index += 1) await raiseWake(database, `purchase/${index}`);
    expect(await claim(30, 2)).toHaveLength(2);
  });

  it("gives a wake again when whoever had it died, after the lease and not before", async () => {
    await raiseWake(database, "purchase/1");
    expect(await claim(1)).toHaveLength(1);
    expect(await claim(1)).toHaveLength(0);
    await pause(1_100);
    expect(await claim(1)).toEqual([{ subject: "purchase/1", sequence: 1n, attempts: 2 }]);
  });
});

describe("confirming", () => {
  it("ends the matter until the next wake", async () => {
    await raiseWake(database, "purchase/1");
    for (const wake of await claim()) await confirmWake(database, wake);
    expect(await claim()).toEqual([]);
    await raiseWake(database, "purchase/1");
    expect(await claim()).toEqual([{ subject: "purchase/1", sequence: 2n, attempts: 1 }]);
  });

  it("leaves a wake due that was raised while the one before was on its way", async () => {
    await raiseWake(database, "purchase/1");
    const [first] = await claim();
    await raiseWake(database, "purchase/1");
    if (first === undefined) throw new Error("nothing was claimed");
    await confirmWake(database, first);
    expect(await claim()).toEqual([{ subject: "purchase/1", sequence: 2n, attempts: 1 }]);
  });

  it("by a dispatcher that was slow never takes back what a quicker one sent later", async () => {
    await raiseWake(database, "purchase/1");
    await raiseWake(database, "purchase/1");
    await confirmWake(database, { subject: "purchase/1", sequence: 2n, attempts: 1 });
    await confirmWake(database, { subject: "purchase/1", sequence: 1n, attempts: 1 });
    expect(await claim()).toEqual([]);
  });
});

describe("postponing", () => {
  it("keeps the wake, says why, and gives it again when its time has come", async () => {
    await raiseWake(database, "purchase/1");
    const [wake] = await claim();
    if (wake === undefined) throw new Error("nothing was claimed");
    await postponeWake(database, { wake, retrySeconds: 1, reason: "r".repeat(2_000) });
    expect(await claim()).toEqual([]);
    expect(await database("wakes").first("last_error")).toEqual({ last_error: "r".repeat(500) });
    await pause(1_100);
    expect(await claim()).toEqual([{ subject: "purchase/1", sequence: 1n, attempts: 2 }]);
  });
});

describe("the backlog", () => {
  it("counts what waits and since when, and is empty when all is sent", async () => {
    expect(await readWakeBacklog(database)).toEqual({ waiting: 0, oldestSeconds: 0 });
    await raiseWake(database, "purchase/1");
    await raiseWake(database, "purchase/2");
    const backlog = await readWakeBacklog(database);
    expect(backlog.waiting).toBe(2);
    expect(backlog.oldestSeconds).toBeGreaterThanOrEqual(0);
    for (const wake of await claim()) await confirmWake(database, wake);
    expect((await readWakeBacklog(database)).waiting).toBe(0);
  });
});
