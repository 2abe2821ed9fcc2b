import type { Database } from "../../../platform/database/pool.ts";

/** What a move needs to know of a deposit. */
export type MovableDeposit = {
  readonly id: string;
  readonly chain: string;
  readonly token: string;
  readonly status: string;
  readonly account: string;
  readonly amountUnits: bigint;
};

type Row = Omit<MovableDeposit, "amountUnits"> & { readonly amountUnits: string };

/** A deposit, its row locked until the transaction ends; null when there is none. */
export async function lockDeposit(transaction: Database, depositId: string): Promise<MovableDeposit | null> {
  const { rows } = await transaction.raw<{ rows: Row[] }>(
    `SELECT id, chain, token, status, account, amount_units AS "amountUnits" FROM deposits WHERE id = ? FOR UPDATE`,
    [depositId],
  );
  const [row] = rows;
  return row === undefined ? null : { ...row, amountUnits: BigInt(row.amountUnits) };
}

/** Says whose a credited deposit is from now on. */
export async function writeDepositAccount(
  transaction: Database,
  input: { readonly depositId: string; readonly account: string },
): Promise<void> {
  await transaction("deposits").where("id", input.depositId).update({ account: input.account });
}
