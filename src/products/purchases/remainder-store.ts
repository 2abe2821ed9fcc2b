import type { Nanodollars } from "../../money/nanodollars.ts";
import { nanodollars } from "../../money/nanodollars.ts";
import type { Database } from "../../platform/database/pool.ts";

/** What was left of a purchase when it ended, or came after: `refunded` is on its way back, `kept` could not be sent. */
export type Remainder = {
  readonly purchaseId: string;
  /** Counts the remainders of a purchase from 1: money that comes after the end is another round. */
  readonly round: number;
  readonly depositAddressId: string;
  readonly amount: Nanodollars;
  readonly refunded: Nanodollars;
  readonly kept: Nanodollars;
  readonly status: "open" | "done";
};

type RemainderRow = {
  purchase_id: string;
  round: number;
  deposit_address_id: string;
  amount_nanodollars: string;
  refunded_nanodollars: string;
  kept_nanodollars: string;
  status: "open" | "done";
};

/** The latest remainder of a purchase; null before the first. */
export async function findLatestRemainder(database: Database, purchaseId: string): Promise<Remainder | null> {
  const row = await database<RemainderRow>("purchase_remainders")
    .where("purchase_id", purchaseId)
    .orderBy("round", "desc")
    .first();
  if (row === undefined) return null;
  const level = (text: string): Nanodollars => nanodollars(BigInt(text));
  return {
    purchaseId: row.purchase_id,
    round: row.round,
    depositAddressId: row.deposit_address_id,
    amount: level(row.amount_nanodollars),
    refunded: level(row.refunded_nanodollars),
    kept: level(row.kept_nanodollars),
    status: row.status,
  };
}

/** Adds a remainder. A round that is there already, or a second open one, is refused by the database. */
export async function insertRemainder(database: Database, remainder: Remainder): Promise<void> {
  await database("purchase_remainders").insert({
    purchase_id: remainder.purchaseId,
    round: remainder.round,
    deposit_address_id: remainder.depositAddressId,
    amount_nanodollars: remainder.amount.toString(),
    refunded_nanodollars: remainder.refunded.toString(),
    kept_nanodollars: remainder.kept.toString(),
    status: remainder.status,
    done_at: remainder.status === "done" ? database.fn.now() : null,
  });
}

/** Notes that no refund of the remainder is under way any more, with what arrived and what stayed. */
export async function closeRemainderRow(
  database: Database,
  closed: Pick<Remainder, "purchaseId" | "round" | "refunded" | "kept">,
): Promise<void> {
  await database("purchase_remainders")
    .where({ purchase_id: closed.purchaseId, round: closed.round, status: "open" })
    .update({
      status: "done",
      done_at: database.fn.now(),
      refunded_nanodollars: closed.refunded.toString(),
      kept_nanodollars: closed.kept.toString(),
    });
}
