import { afterAll, beforeAll, expect, it } from "vitest";
import { markMoved } from "../../../../src/integrations/chains/deposits/deposit-move-store.ts";
import { listDeposits } from "../../../../src/integrations/chains/deposits/deposit-store.ts";
import type { Database } from "../../../../src/platform/database/pool.ts";
import { addAddress, addDeposit, openRows } from "../rows.ts";

let rows: Awaited<ReturnType<typeof openRows>>;
let database: Database;
beforeAll(async () => {
  rows = await openRows();
  database = rows.database;
});
afterAll(() => rows.stop());

const move = (id: string, to = "purchase/pur_2") =>
  database.transaction((transaction) =>
    markMoved(transaction, { id, account: to, from: "purchase/pur_1", entryId: "ent_moved" }),
  );

it("says whose a credited deposit is from now on, where it came from, and leaves every other alone", async () => {
  const owner = await addAddress(database);
  const moved = await addDeposit(database, owner, { confirmed: true });
  const kept = await addDeposit(database, owner, { confirmed: true });
  await move(moved.id);
  const after = await listDeposits(database, owner.id);
  expect(after.find(({ id }) => id === moved.id)).toMatchObject({
    account: "purchase/pur_2",
    assignedFrom: "purchase/pur_1",
    status: "confirmed",
    amountUnits: moved.amountUnits,
  });
  expect(after.find(({ id }) => id === kept.id)).toEqual(kept);
});

it("moves nothing that was not credited: an observed deposit belongs to nobody yet", async () => {
  const owner = await addAddress(database);
  const observed = await addDeposit(database, owner);
  await move(observed.id);
  expect(await listDeposits(database, owner.id)).toEqual([observed]);
});
