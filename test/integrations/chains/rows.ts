import { randomBytes } from "node:crypto";
import { insertDepositAddress } from "../../../src/integrations/chains/addresses/deposit-address-store.ts";
import type { TokenTransfer } from "../../../src/integrations/chains/chain.ts";
import {
  type Deposit,
  listDeposits,
  markCredited,
  storeObserved,
} from "../../../src/integrations/chains/deposits/deposit-store.ts";
import { type Database, openDatabase } from "../../../src/platform/database/pool.ts";
import { newId } from "../../../src/platform/ids.ts";
import { createTestDatabase } from "../../support/database.ts";

/** The chain of every row made here. */
export const CHAIN = "eip155:31337";
/** The token of every row made here, unless told otherwise. */
export const TOKEN = "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913";

/** 32 random bytes as hex: a hash nobody used before. */
export function newHash(): string {
  return `0x${randomBytes(32).toString("hex")}`;
}

/** A database of one test file's own, as the application's login. */
export async function openRows() {
  const testDatabase = await createTestDatabase();
  const database = openDatabase(testDatabase.applicationUrl, { maxConnections: 12, name: "chain-rows" });
  const stop = async () => {
    await database.destroy();
    await testDatabase.drop();
  };
  return { database, stop };
}

/** An address row without a key behind it. */
export async function addAddress(database: Database, change: { readonly wakeSubject?: string } = {}) {
  await database.raw(
    "INSERT INTO key_rings (id, chain_kind, xpub_fingerprint) VALUES ('kr_1', 'evm', 'one') ON CONFLICT DO NOTHING",
  );
  const id = newId("da");
  const index = Number.parseInt(randomBytes(3).toString("hex"), 16);
  const address = `0x${randomBytes(20).toString("hex")}`;
  const wakeSubject = change.wakeSubject ?? `checkout/${id}`;
  await insertDepositAddress(database, {
    id,
    keyRingId: "kr_1",
    index,
    kind: "evm",
    address,
    account: "purchase/pur_1",
    wakeSubject,
  });
  return { id, address, wakeSubject };
}

/** A transfer to an address, as the scanner found it. */
export function transferTo(
  owner: { readonly id: string; readonly address: string },
  change: Partial<TokenTransfer & { readonly logIndex: number }> = {},
) {
  return {
    token: TOKEN,
    from: "0x0000000000000000000000000000000000000001",
    to: owner.address,
    amountUnits: 5_000_000n,
    transactionHash: newHash(),
    position: 0,
    logIndex: 0,
    block: { number: 10, hash: newHash() },
    depositAddressId: owner.id,
    account: "purchase/pur_1",
    ...change,
  };
}

/** A deposit in the state a test starts from. */
export async function addDeposit(
  database: Database,
  owner: { readonly id: string; readonly address: string },
  change: Parameters<typeof transferTo>[1] & { readonly confirmed?: boolean } = {},
): Promise<Deposit> {
  const transfer = transferTo(owner, change);
  await storeObserved(database, { chain: CHAIN, transfers: [transfer] });
  const find = async () => {
    const rows = await listDeposits(database, owner.id);
    const row = rows.find(({ transactionHash }) => transactionHash === transfer.transactionHash);
    if (row === undefined) throw new Error("the deposit was not stored");
    return row;
  };
  if (change.confirmed === true) {
    await markCredited(database, await find(), { status: "confirmed", waitingFor: null });
  }
  return find();
}
