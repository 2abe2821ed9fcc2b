import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { listDeposits, markCredited } from "../../../../src/integrations/chains/deposits/deposit-store.ts";
import {
  listInSuspense,
  lockDeposit,
  markAssigned,
} from "../../../../src/integrations/chains/deposits/suspense-store.ts";
import type { Database } from "../../../../src/platform/database/pool.ts";
import { addAddress, addDeposit, openRows } from "../rows.ts";

describe("rows in suspense", () => {
  let rows: Awaited<ReturnType<typeof openRows>>;
  let database: Database;
  beforeAll(async () => {
    rows = await openRows();
    database = rows.database;
  });
  afterAll(() => rows.stop());

  const stray = async (reason = "wrong-token") => {
    const owner = await addAddress(database);
    const deposit = await addDeposit(database, owner);
    await markCredited(database, deposit, { status: "suspense", waitingFor: reason });
    return { owner, deposit };
  };

  it("are listed by reason and from a cursor on, ties told apart by their id", async () => {
    const made = [await stray(), await stray(), await stray("native-coin")];
    await database.raw("UPDATE deposits SET observed_at = '2026-01-01T00:00:00.123456Z'");
    const ids = made.map(({ deposit }) => deposit.id).sort();
    const all = await listInSuspense(database, { after: null, limit: 10, reason: null });
    expect(all.map(({ id }) => id)).toEqual(ids);
    const [first] = all;
    if (first === undefined) throw new Error("nothing is listed");
    const rest = await listInSuspense(database, { after: first, limit: 10, reason: null });
    expect(rest.map(({ id }) => id)).toEqual(ids.slice(1));
    expect(await listInSuspense(database, { after: null, limit: 10, reason: "native-coin" })).toHaveLength(1);
  });

  it("become an account's own only out of suspense, and remember where they came from", async () => {
    const { owner, deposit } = await stray();
    const assigned = { id: deposit.id, account: "purchase/pur_9", from: "suspense/wrong-token", entryId: "je_1" };
    await markAssigned(database, assigned);
    await markAssigned(database, { ...assigned, account: "purchase/pur_10" });
    expect(await listDeposits(database, owner.id)).toMatchObject([
      { status: "confirmed", account: "purchase/pur_9", assignedFrom: "suspense/wrong-token", waitingFor: null },
    ]);
    expect(await lockDeposit(database, deposit.id)).toMatchObject({ id: deposit.id, status: "confirmed" });
    expect(await lockDeposit(database, "dep_none")).toBeUndefined();
  });
});
