import { HDNodeWallet } from "ethers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  allocateDepositAddress,
  readDepositAddress,
  retireDepositAddress,
} from "../../../../src/integrations/chains/addresses/deposit-addresses.ts";
import { openKeyRing } from "../../../../src/integrations/chains/evm/key-ring.ts";
import { accounts } from "../../../../src/ledger/chart-of-accounts.ts";
import { openDatabase } from "../../../../src/platform/database/pool.ts";
import { createTestDatabase, type TestDatabase } from "../../../support/database.ts";

const account = HDNodeWallet.fromPhrase(
  "test test test test test test test test test test test junk",
  "",
  "m/44'/60'/0'",
);
const keyRing = openKeyRing(account.neuter().extendedKey);
const other = openKeyRing(HDNodeWallet.createRandom(undefined, "m/44'/60'/0'").neuter().extendedKey);
const wanted = { chainKind: "evm", account: accounts.purchase("pur_1"), wakeSubject: "purchase/pur_1" } as const;

let testDatabase: TestDatabase;
let database: ReturnType<typeof openDatabase>;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  database = openDatabase(testDatabase.applicationUrl, { maxConnections: 20, name: "addresses-test" });
});

afterAll(async () => {
  await database.destroy();
  await testDatabase.drop();
});

describe("allocating a deposit address", () => {
  it("gives 50 parallel checkouts 50 different addresses, each the one its index derives", async () => {
    const given = await Promise.all(
      Array.from({ length: 50 }, () =>
        database.transaction((transaction) => allocateDepositAddress({ database: transaction, keyRing }, wanted)),
      ),
    );
    expect(new Set(given.map(({ address }) => address)).size).toBe(50);
    expect(new Set(given.map(({ index }) => index)).size).toBe(50);
    for (const { address, index } of given) expect(address).toBe(account.derivePath(`0/${index}`).address);
  });

  it("never gives an index again after a checkout was rolled back", async () => {
    let abandoned = -1;
    const failing = database.transaction(async (transaction) => {
      abandoned = (await allocateDepositAddress({ database: transaction, keyRing }, wanted)).index;
      throw new Error("the checkout failed");
    });
    await expect(failing).rejects.toThrow("the checkout failed");
    const next = await allocateDepositAddress({ database, keyRing }, wanted);
    expect(next.index).toBeGreaterThan(abandoned);
  });

  it("keeps the indexes of two mnemonics apart by their key ring", async () => {
    const here = await allocateDepositAddress({ database, keyRing }, wanted);
    const there = await allocateDepositAddress({ database, keyRing: other }, wanted);
    expect(there.keyRingId).not.toBe(here.keyRingId);
    expect(there.address).toBe(other.deriveAddress(there.index));
  });

  it("stores neither the xpub nor any key", async () => {
    const { rows } = await database.raw("SELECT row_to_json(k)::text AS text FROM key_rings k");
    expect(JSON.stringify(rows)).not.toContain("xpub6");
    expect(JSON.stringify(rows)).toContain(keyRing.fingerprint);
  });

  it("stops offering a retired address and keeps it for late deposits", async () => {
    const { depositAddressId } = await allocateDepositAddress({ database, keyRing }, wanted);
    await retireDepositAddress(database, depositAddressId);
    const first = (await readDepositAddress(database, depositAddressId)).retiredAt;
    await retireDepositAddress(database, depositAddressId);
    expect((await readDepositAddress(database, depositAddressId)).retiredAt).toEqual(first);
    expect(first).toBeInstanceOf(Date);
  });

  it("says so when there is no such address", async () => {
    await expect(readDepositAddress(database, "da_none")).rejects.toMatchObject({ code: "deposit_address_not_found" });
  });
});
