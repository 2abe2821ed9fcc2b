import { afterAll, beforeAll, expect, it } from "vitest";
import {
  addToStock,
  countStock,
  takeStockedAddress,
} from "../../../../src/integrations/chains/addresses/address-stock-store.ts";
import { takeDepositIndex } from "../../../../src/integrations/chains/addresses/deposit-address-store.ts";
import { type Database, openDatabase } from "../../../../src/platform/database/pool.ts";
import { createTestDatabase, type TestDatabase } from "../../../support/database.ts";

let test: TestDatabase;
let database: Database;

beforeAll(async () => {
  test = await createTestDatabase();
  database = openDatabase(test.applicationUrl, { maxConnections: 10, name: "stock-store-test" });
  await takeDepositIndex(database, { id: "kr_1", kind: "solana", fingerprint: "f1" });
});
afterAll(async () => {
  await database.destroy();
  await test.drop();
});

it("gives each address once, passes over what another transaction holds, and adds none twice", async () => {
  const addresses = [1, 2].map((index) => ({ keyRingId: "kr_1", index, address: `address ${index}` }));
  await addToStock(database, { kind: "solana", addresses });
  await addToStock(database, { kind: "solana", addresses });
  expect(await countStock(database, "kr_1")).toBe(2);
  await database.transaction(async (one) => {
    expect(await takeStockedAddress(one, "solana")).toEqual(addresses[0]);
    await database.transaction(async (two) => {
      expect(await takeStockedAddress(two, "solana")).toEqual(addresses[1]);
      expect(await takeStockedAddress(two, "solana")).toBeUndefined();
    });
  });
  expect(await countStock(database, "kr_1")).toBe(0);
  expect(await takeStockedAddress(database, "evm")).toBeUndefined();
});
