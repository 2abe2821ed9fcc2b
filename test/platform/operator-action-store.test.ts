import type { Knex } from "knex";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openDatabase } from "../../src/platform/database/pool.ts";
import {
  claimOperatorRequest,
  listOperatorActions,
  recordOperatorAction,
} from "../../src/platform/operator-action-store.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";

let test: TestDatabase;
let database: Knex;
let owner: Knex;
beforeAll(async () => {
  test = await createTestDatabase();
  database = openDatabase(test.applicationUrl, { maxConnections: 25, name: "operator-action-test" });
  owner = openDatabase(test.ownerUrl, { maxConnections: 1, name: "operator-action-owner" });
});
afterAll(async () => {
  await database?.destroy();
  await owner?.destroy();
  await test?.drop();
});

const action = (requestId: string, subject = "purchase/pur_1") => ({
  requestId,
  subject,
  action: "extendGrace",
  actor: "operations",
  note: "asked by mail",
  input: { until: "2027-01-01T00:00:00Z" },
  outcome: { status: "grace" },
});

describe("recordOperatorAction", () => {
  it("writes an action once, and says so to whoever sends its request id again", async () => {
    expect(await recordOperatorAction(database, action("once"))).toBe(true);
    expect(await recordOperatorAction(database, { ...action("once"), note: "another" })).toBe(false);
    expect(await claimOperatorRequest(database, "once")).toMatchObject({
      ...action("once"),
      actedAt: expect.any(Date),
    });
  });

  it("is undone with the transaction it was part of", async () => {
    const failing = database.transaction(async (transaction) => {
      await recordOperatorAction(transaction, action("undone"));
      throw new Error("the effect failed");
    });
    await expect(failing).rejects.toThrow("the effect failed");
    expect(await claimOperatorRequest(database, "undone")).toBeNull();
  });

  it.each([
    ["changed", "UPDATE operator_actions SET note = 'other'"],
    ["deleted", "DELETE FROM operator_actions"],
    ["truncated", "TRUNCATE operator_actions CASCADE"],
  ])("what is written is never %s, by the application or by the owner", async (_what, statement) => {
    await recordOperatorAction(database, action("kept"));
    await expect(database.raw(statement)).rejects.toMatchObject({ code: "42501" });
    await expect(owner.raw(statement)).rejects.toMatchObject({ code: "42501" });
  });
});

describe("claimOperatorRequest", () => {
  it("lets twenty callers of one request id do its work once", async () => {
    let worked = 0;
    const call = () =>
      database.transaction(async (transaction) => {
        const known = await claimOperatorRequest(transaction, "parallel");
        if (known !== null) return;
        worked += 1;
        await recordOperatorAction(transaction, action("parallel"));
      });
    await Promise.all(Array.from({ length: 20 }, call));
    expect(worked).toBe(1);
  });
});

describe("listOperatorActions", () => {
  it("answers pages, newest first, of everything or of one subject", async () => {
    for (const index of [1, 2, 3]) await recordOperatorAction(database, action(`list-${index}`, "purchase/pur_list"));
    const first = await listOperatorActions(database, { subject: "purchase/pur_list", limit: 2 });
    expect(first.map(({ requestId }) => requestId)).toEqual(["list-3", "list-2"]);
    const rest = await listOperatorActions(database, {
      subject: "purchase/pur_list",
      limit: 2,
      before: first.at(-1)?.number,
    });
    expect(rest.map(({ requestId }) => requestId)).toEqual(["list-1"]);
    expect((await listOperatorActions(database, { limit: 1 }))[0]?.requestId).toBe("list-3");
  });
});
