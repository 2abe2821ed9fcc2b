import { afterAll, beforeAll, expect, it } from "vitest";
import { fillAddressStock } from "../../../../src/integrations/chains/addresses/address-stock.ts";
import { countStock } from "../../../../src/integrations/chains/addresses/address-stock-store.ts";
import { createKeystore } from "../../../../src/integrations/chains/evm/create-keystore.ts";
import { openKeyRing } from "../../../../src/integrations/chains/evm/key-ring.ts";
import type { KeyRing } from "../../../../src/integrations/chains/key-ring.ts";
import { openSolanaKeys } from "../../../../src/integrations/chains/solana/keystore-signer.ts";
import { solanaNetwork } from "../../../../src/integrations/chains/solana/networks.ts";
import { nanodollars } from "../../../../src/money/nanodollars.ts";
import { type Database, openDatabase } from "../../../../src/platform/database/pool.ts";
import { createTestDatabase, type TestDatabase } from "../../../support/database.ts";
import { newSolanaPayee } from "../solana/solana-world.ts";

const network = solanaNetwork({ cluster: "devnet", shortName: "solana", nativePrice: nanodollars(1n) });
const password = "only for tests, twelve and more";

let test: TestDatabase;
let database: Database;
let evmRing: KeyRing;
let solanaRing: KeyRing;

beforeAll(async () => {
  test = await createTestDatabase();
  database = openDatabase(test.applicationUrl, { maxConnections: 30, name: "stock-test" });
  const { keystoreJson, depositXpub } = await createKeystore({ password, strength: "light" });
  evmRing = openKeyRing(depositXpub);
  solanaRing = (await openSolanaKeys({ keystoreJson, password, network })).keyRing;
});
afterAll(async () => {
  await database.destroy();
  await test.drop();
});

it("tells a customer to come back when no address is free, and opens nothing", async () => {
  await expect(newSolanaPayee({ database, keyRing: evmRing })).rejects.toMatchObject({
    code: "no_deposit_address_available",
    status: 503,
    members: { retryAfterSeconds: 5 },
  });
  expect(await database("deposit_addresses").select()).toEqual([]);
  expect(await database("account_watches").select()).toEqual([]);
});

it("is filled when it is low and left alone when it is not, also by workers side by side", async () => {
  expect(await fillAddressStock({ database, keyRing: solanaRing })).toBe(500);
  expect(await fillAddressStock({ database, keyRing: solanaRing })).toBe(0);
  await database("address_stock").whereIn("index", database("address_stock").select("index").limit(300)).delete();
  await Promise.all([1, 2, 3].map(() => fillAddressStock({ database, keyRing: solanaRing })));
  expect(await countStock(database, solanaRing.id)).toBeGreaterThanOrEqual(500);
});

it("gives 50 parallel checkouts 50 different addresses, each the one its index derives", async () => {
  const given = await Promise.all(Array.from({ length: 50 }, () => newSolanaPayee({ database, keyRing: evmRing })));
  expect(new Set(given.map(({ address }) => address)).size).toBe(50);
  for (const { address, index } of given) expect(solanaRing.deriveAddress(index)).toBe(address);
});

it("puts an address back when its checkout is rolled back", async () => {
  const before = await countStock(database, solanaRing.id);
  const failing = database.transaction(async (transaction) => {
    await newSolanaPayee({ database: transaction, keyRing: evmRing });
    throw new Error("the checkout failed");
  });
  await expect(failing).rejects.toThrow("the checkout failed");
  expect(await countStock(database, solanaRing.id)).toBe(before);
});

it("takes what another mnemonic made out of the stock, since this worker could not sweep it", async () => {
  const { keystoreJson } = await createKeystore({ password, strength: "light" });
  const { keyRing } = await openSolanaKeys({ keystoreJson, password, network });
  await fillAddressStock({ database, keyRing });
  expect(await countStock(database, solanaRing.id)).toBe(0);
  expect(await countStock(database, keyRing.id)).toBe(500);
});
