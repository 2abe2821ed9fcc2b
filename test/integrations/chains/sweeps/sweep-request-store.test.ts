import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findChainOfDeposit, requestSweeps } from "../../../../src/integrations/chains/sweeps/sweep-request-store.ts";
import { claimSweep } from "../../../../src/integrations/chains/sweeps/sweep-store.ts";
import type { Database } from "../../../../src/platform/database/pool.ts";
import { wakesOf } from "../books.ts";
import { addAddress, addDeposit, CHAIN, openRows } from "../rows.ts";

describe("asking for sweeps", () => {
  let rows: Awaited<ReturnType<typeof openRows>>;
  let database: Database;
  beforeAll(async () => {
    rows = await openRows();
    database = rows.database;
  });
  afterAll(() => rows.stop());

  it("wakes a sweep for each confirmed deposit no sweep took, and for no other", async () => {
    const owner = await addAddress(database);
    const taken = await addDeposit(database, owner, { confirmed: true });
    await database.transaction((transaction) =>
      claimSweep(transaction, { depositAddressId: owner.id, chain: CHAIN, destination: "0xtreasury" }),
    );
    const [waiting, free] = [await addDeposit(database, owner), await addDeposit(database, owner, { confirmed: true })];
    await requestSweeps(database, owner.id);
    const woken = await Promise.all([taken, waiting, free].map(({ id }) => wakesOf({ database }, `sweep/${id}`)));
    expect(woken).toEqual([0, 0, 1]);
  });

  it("knows the chain of a deposit", async () => {
    const { id } = await addDeposit(database, await addAddress(database));
    expect(await findChainOfDeposit(database, id)).toBe(CHAIN);
    expect(await findChainOfDeposit(database, "dep_none")).toBeUndefined();
  });
});
