import type { Knex } from "knex";
import { type Nanodollars, nanodollars } from "../money/nanodollars.ts";
import type { Side } from "./chart-of-accounts.ts";
import { formatEntryId } from "./outcome.ts";
import {
  countTransfers,
  type DriftRow,
  extendCheckpoints,
  liftTimeout,
  selectAccountTotals,
  selectBrokenCheckpoints,
  selectBrokenEntries,
  selectDrift,
} from "./reconcile-store.ts";

/** One account of the trial balance; `balance` is positive on its normal side. */
export type TrialBalanceLine = {
  readonly account: string;
  readonly type: string;
  readonly normalSide: Side;
  readonly debits: Nanodollars;
  readonly credits: Nanodollars;
  readonly balance: Nanodollars;
};

/** All accounts by name, and the two sums that must be equal. */
export type TrialBalance = {
  readonly lines: readonly TrialBalanceLine[];
  readonly debits: Nanodollars;
  readonly credits: Nanodollars;
};

/** An account whose stored balance is not the sum of its transfers. `drift` is stored minus computed, held funds included. */
export type Drift = {
  readonly account: string;
  readonly drift: Nanodollars;
  readonly stored: { readonly available: Nanodollars; readonly held: Nanodollars };
  readonly computed: { readonly available: Nanodollars; readonly held: Nanodollars };
  readonly openHolds: Nanodollars;
};

/** What a verification found; `sound` is true where every list is empty. `driftTotal` sums the magnitudes. */
export type Verification = {
  readonly sound: boolean;
  readonly transfers: number;
  readonly drifts: readonly Drift[];
  readonly driftTotal: Nanodollars;
  readonly brokenEntries: readonly string[];
  /** The entry range of each sealed chunk that was changed since, and how. */
  readonly tampered: readonly { readonly afterEntry: string; readonly upToEntry: string; readonly reason: string }[];
};

/** Entries younger than this are not sealed yet: an id is taken before its commit, so a smaller one may still appear. */
const SETTLED_SECONDS = 900;
const CHUNK = 1_000;

/** Sums the whole journal by account. Reads everything: for operators and schedules, not for requests. */
export async function readTrialBalance(database: Knex): Promise<TrialBalance> {
  const rows = await inSnapshot(database, selectAccountTotals);
  const lines = rows.map(({ account, type, normal_side, ...sums }) => {
    const [debits, credits] = [BigInt(sums.debits), BigInt(sums.credits)];
    return {
      account,
      type,
      normalSide: normal_side,
      debits: nanodollars(debits),
      credits: nanodollars(credits),
      balance: nanodollars(normal_side === "debit" ? debits - credits : credits - debits),
    };
  });
  return {
    lines,
    debits: nanodollars(lines.reduce((sum, line) => sum + line.debits, 0n)),
    credits: nanodollars(lines.reduce((sum, line) => sum + line.credits, 0n)),
  };
}

/**
 * Recomputes every balance from its transfers, compares held funds with open holds, looks for entries that are not whole and for sealed
 * entries that were changed. One snapshot, so postings may go on meanwhile. Changes nothing.
 */
export async function verifyLedger(database: Knex): Promise<Verification> {
  return inSnapshot(database, async (snapshot) => {
    const drifts = (await selectDrift(snapshot)).map(driftOf);
    const brokenEntries = (await selectBrokenEntries(snapshot)).map(formatEntryId);
    const tampered = (await selectBrokenCheckpoints(snapshot)).map((row) => ({
      afterEntry: formatEntryId(row.after_entry),
      upToEntry: formatEntryId(row.up_to_entry),
      reason: row.reason,
    }));
    return {
      sound: drifts.length + brokenEntries.length + tampered.length === 0,
      transfers: await countTransfers(snapshot),
      drifts,
      driftTotal: nanodollars(drifts.reduce((sum, { drift }) => sum + (drift < 0n ? -drift : drift), 0n)),
      brokenEntries,
      tampered,
    };
  });
}

/** Seals entries older than `settledSeconds` (default 900), so a later {@link verifyLedger} finds any change to them. Answers new chunks. */
export async function sealLedger(
  database: Knex,
  input: { readonly settledSeconds?: number; readonly chunk?: number } = {},
): Promise<number> {
  const { settledSeconds = SETTLED_SECONDS, chunk = CHUNK } = input;
  return database.transaction(async (transaction) => {
    await liftTimeout(transaction);
    return extendCheckpoints(transaction, { settledSeconds, chunk });
  });
}

function inSnapshot<Result>(database: Knex, read: (snapshot: Knex.Transaction) => Promise<Result>): Promise<Result> {
  const work = async (snapshot: Knex.Transaction) => {
    await liftTimeout(snapshot);
    return read(snapshot);
  };
  return database.transaction(work, { isolationLevel: "repeatable read", readOnly: true });
}

function driftOf(row: DriftRow): Drift {
  const stored = { available: amount(row.balance), held: amount(row.held) };
  const computed = { available: amount(row.computed_balance), held: amount(row.computed_held) };
  const drift = stored.available + stored.held - computed.available - computed.held;
  return { account: row.account, drift: nanodollars(drift), stored, computed, openHolds: amount(row.open_holds) };
}

function amount(text: string | null): Nanodollars {
  return nanodollars(BigInt(text ?? 0));
}
