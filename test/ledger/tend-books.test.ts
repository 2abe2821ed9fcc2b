import pg from "pg";
import { afterAll, expect, it } from "vitest";
import { readBalance } from "../../src/ledger/balances.ts";
import { accounts } from "../../src/ledger/chart-of-accounts.ts";
import { authoriseHold } from "../../src/ledger/holds.ts";
import { openLedger } from "../../src/ledger/ledger.ts";
import { openAccount } from "../../src/ledger/open-account.ts";
import { depositConfirmed } from "../../src/ledger/postings/deposits.ts";
import { tendBooks } from "../../src/ledger/tend-books.ts";
import { selectLatestVerification } from "../../src/ledger/verification-store.ts";
import { parseDollars } from "../../src/money/nanodollars.ts";
import { openDatabase } from "../../src/platform/database/pool.ts";
import { createTestDatabase } from "../support/database.ts";

const test = await createTestDatabase();
const database = openDatabase(test.applicationUrl, { maxConnections: 4, name: "tend-books" });
const ledger = openLedger({ databaseUrl: test.applicationUrl });
const account = accounts.purchase("pur_1");
afterAll(async () => {
  await ledger.close();
  await database.destroy();
  await test.drop();
});

async function asOwner(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: test.ownerUrl });
  await client.connect();
  await client.query(statement).finally(() => client.end());
}

it("has no finding before the first round", async () => {
  expect(await selectLatestVerification(database)).toBeUndefined();
});

it("frees expired holds, finds sound books sound, and keeps the finding", async () => {
  await openAccount(database, { account });
  const amount = parseDollars("5");
  await ledger.post(
    depositConfirmed({ chain: "eip155:31337", token: "USDC", transactionId: "0x1", logIndex: 0, account, amount }),
  );
  const hold = {
    idempotencyKey: "h1",
    account,
    amount: parseDollars("2"),
    purpose: "test",
    expiresAt: new Date(Date.now() - 1_000),
  };
  await authoriseHold(ledger, hold);
  expect((await readBalance(database, account)).available).toBe(parseDollars("3"));
  const tended = await tendBooks({ database, ledger });
  expect(tended.sound).toBe(true);
  expect((await readBalance(database, account)).available).toBe(amount);
  expect(await selectLatestVerification(database)).toMatchObject({ sound: true, drift: "0" });
});

it("names the account and the amount when a balance was changed behind the journal's back", async () => {
  await asOwner("ALTER TABLE balances DISABLE TRIGGER USER");
  await asOwner("UPDATE balances SET balance = balance + 7");
  const tended = await tendBooks({ database, ledger });
  expect(tended.sound).toBe(false);
  expect(tended.summary).toContain("purchase/pur_1");
  expect(await selectLatestVerification(database)).toMatchObject({ sound: false, drift: "7" });
});
