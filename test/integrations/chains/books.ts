import type { AccountName } from "../../../src/ledger/chart-of-accounts.ts";
import type { Database } from "../../../src/platform/database/pool.ts";

type Needs = { readonly database: Database };

/** What an account holds, in nanodollars, on its normal side; zero for one nobody posted to. */
export async function balanceOf(needs: Needs, account: AccountName): Promise<bigint> {
  const { rows } = await needs.database.raw<{ rows: { balance: string }[] }>(
    "SELECT b.balance FROM accounts a JOIN account_balances b ON b.account_id = a.id WHERE a.name = ?",
    [account],
  );
  return BigInt(rows[0]?.balance ?? "0");
}

/** How often a workflow was woken. */
export async function wakesOf(needs: Needs, subject: string): Promise<number> {
  const { rows } = await needs.database.raw<{ rows: { seq: string }[] }>("SELECT seq FROM wakes WHERE subject = ?", [
    subject,
  ]);
  return Number(rows[0]?.seq ?? 0);
}
