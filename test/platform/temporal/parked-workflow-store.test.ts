import type { Knex } from "knex";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openDatabase } from "../../../src/platform/database/pool.ts";
import { clearParked, findParked, noteParked } from "../../../src/platform/temporal/parked-workflow-store.ts";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";

let test: TestDatabase;
let database: Knex;
beforeAll(async () => {
  test = await createTestDatabase();
  database = openDatabase(test.applicationUrl, { maxConnections: 2, name: "parked-store-test" });
});
afterAll(async () => {
  await database?.destroy();
  await test?.drop();
});

const parked = {
  subject: "purchase/pur_1",
  step: "Delete the bucket",
  phase: "terminate",
  stepName: "delete_bucket",
  code: "object_locked",
  reason: "2 objects are locked",
  nextAction: "retryStep",
  since: new Date("2026-11-21T12:00:00Z"),
};

it("keeps where a workflow stands still, the newest word only, until it goes on", async () => {
  expect(await findParked(database, parked.subject)).toBeNull();
  await noteParked(database, parked);
  expect(await findParked(database, parked.subject)).toEqual(parked);
  const next = { ...parked, step: "look at the balance", phase: null, stepName: null, reason: "away" };
  await noteParked(database, next);
  await noteParked(database, next);
  expect(await findParked(database, parked.subject)).toEqual(next);
  await clearParked(database, parked.subject);
  await clearParked(database, parked.subject);
  expect(await findParked(database, parked.subject)).toBeNull();
});
