import type { Knex } from "knex";
import { type AccountName, accounts } from "../../src/ledger/chart-of-accounts.ts";
import type { EntryDraft } from "../../src/ledger/entry.ts";
import { type Ledger, openLedger } from "../../src/ledger/ledger.ts";
import { openAccount, type Threshold } from "../../src/ledger/open-account.ts";
import { type Nanodollars, nanodollars, parseDollars } from "../../src/money/nanodollars.ts";
import { openDatabase } from "../../src/platform/database/pool.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";

/** A fresh database with the books open as the application's role; `owner` is for looking and for attacks only. */
export type LedgerWorld = {
  readonly test: TestDatabase;
  readonly database: Knex;
  readonly owner: Knex;
  readonly ledger: Ledger;
  readonly close: () => Promise<void>;
};

/** Starts a world of one test file. */
export async function startLedgerWorld(): Promise<LedgerWorld> {
  const test = await createTestDatabase();
  const database = openDatabase(test.applicationUrl, { maxConnections: 4, name: "test" });
  const owner = openDatabase(test.ownerUrl, { maxConnections: 2, name: "test-owner" });
  const ledger = openLedger({ databaseUrl: test.applicationUrl });
  const close = async () => {
    await ledger.close();
    await database.destroy();
    await owner.destroy();
    await test.drop();
  };
  return { test, database, owner, ledger, close };
}

let accountsMade = 0;

/** Opens a purchase account of its own and gives it money. */
export async function fundedAccount(
  world: LedgerWorld,
  options: {
    readonly dollars?: string;
    readonly creditLine?: Nanodollars;
    readonly wakeSubject?: string;
    readonly thresholds?: readonly Threshold[];
  } = {},
): Promise<AccountName> {
  accountsMade += 1;
  const account = accounts.purchase(`pur_${accountsMade}`);
  const { dollars = "10", ...opening } = options;
  await openAccount(world.database, { account, ...opening });
  if (dollars !== "0") await world.ledger.post(deposit(account, `opening-${account}`, parseDollars(dollars)));
  return account;
}

/** Money that came in from outside. */
export function deposit(account: AccountName, key: string, amount: bigint): EntryDraft {
  return {
    kind: "deposit_confirmed",
    idempotencyKey: key,
    postings: [
      { account: accounts.depositWallet("base", "usdc"), side: "debit", amount: nanodollars(amount) },
      { account, side: "credit", amount: nanodollars(amount) },
    ],
  };
}

/** Usage that is paid from the account. */
export function charge(account: AccountName, key: string, amount: bigint): EntryDraft {
  return {
    kind: "usage_metered",
    idempotencyKey: key,
    postings: [
      { account, side: "debit", amount: nanodollars(amount) },
      { account: accounts.revenue("purchases"), side: "credit", amount: nanodollars(amount) },
    ],
  };
}

/** The codes of what went wrong, and "ok" for what did not. */
export async function codes(calls: readonly Promise<unknown>[]): Promise<readonly string[]> {
  const results = await Promise.allSettled(calls);
  return results.map((result) =>
    result.status === "fulfilled" ? "ok" : (result.reason.code ?? String(result.reason)),
  );
}
