import type { Knex } from "knex";
import { textArrayLiteral } from "./array-literal.ts";
import type { ChargesRow } from "./charges.ts";
import type { BatchRow } from "./read-batch.ts";

/** A pool or an open transaction, as in platform/database; the ledger stands below the platform and names it itself. */
export type LedgerDatabase = Knex | Knex.Transaction;

/** Sends one statement with text parameters and answers its rows: a lane's own connection, or a caller's transaction. */
export type Query = <Row extends object>(statement: Statement) => Promise<readonly Row[]>;

/** A prepared statement: prepared once per connection under its name. */
export type Statement = { readonly name: string; readonly text: string; readonly values: readonly string[] };

const POST_BATCH = `SELECT base, posted_at, statuses::text, entries::text, afters::text, requireds::text, times,
  crossed_events::text, crossed_names FROM post_batch(${parameters(
    "uuid[] uuid[] smallint[] smallint[] uuid[] timestamptz[] text[] bigint[] bigint[] int[] int[] int[] bigint[] " +
      "int[] text[] text[] jsonb[] int[] int[] timestamptz[] bigint[] numeric[] text[] text[] jsonb[]",
  )})`;

const POST_CHARGES = `SELECT base, posted_at, befores::text, crossed_events::text, crossed_names FROM post_charges(${parameters(
  "uuid[] uuid[] int[] int[] bigint[] bigint[] bigint[] bigint[] smallint[] text[] numeric[] timestamptz[] text[] jsonb[]",
)})`;

/** Runs one batch packed by packBatch. */
export async function postBatch(query: Query, values: readonly string[]): Promise<BatchRow> {
  return only(await query<BatchRow>({ name: "post_batch", text: POST_BATCH, values }));
}

/** Runs one batch packed by packCharges. */
export async function postCharges(query: Query, values: readonly string[]): Promise<ChargesRow> {
  return only(await query<ChargesRow>({ name: "post_charges", text: POST_CHARGES, values }));
}

function parameters(types: string): string {
  return types
    .split(" ")
    .map((type, index) => `$${index + 1}::${type}`)
    .join(", ");
}

/** The ids of names, in order. A customer account that was never opened is null; everything else is made where it is missing. */
export async function resolveNames(
  query: Query,
  names: { readonly accounts: readonly string[]; readonly kinds: readonly string[] },
): Promise<{ readonly accounts: readonly (number | null)[]; readonly kinds: readonly number[] }> {
  const rows = await query<{
    readonly account_ids: readonly (string | null)[] | null;
    readonly kind_ids: readonly number[] | null;
  }>({
    name: "resolve_names",
    text: "SELECT account_ids, kind_ids FROM resolve_names($1::text[], $2::text[])",
    values: [textArrayLiteral(names.accounts), textArrayLiteral(names.kinds)],
  });
  const { account_ids, kind_ids } = only(rows);
  return { accounts: (account_ids ?? []).map((id) => (id === null ? null : Number(id))), kinds: kind_ids ?? [] };
}

/** Statements on a caller's own transaction. */
export function queryIn(database: LedgerDatabase): Query {
  return async <Row extends object>({ name, text, values }: Statement) => {
    const asked = database.raw<{ readonly rows: readonly Row[] }>(text.replaceAll(/\$\d+/g, "?"), [...values]);
    return (await asked.options({ name })).rows;
  };
}

function only<Row>(rows: readonly Row[]): Row {
  const [row] = rows;
  if (row === undefined) throw new Error("a ledger function answered no row");
  return row;
}

/** The refs of open holds whose time has come, the longest overdue first. */
export async function selectDueHolds(database: LedgerDatabase, limit: number): Promise<readonly string[]> {
  const { rows } = await database.raw<{ readonly rows: readonly { readonly ref: string }[] }>(
    `SELECT replace(hold_id::text, '-', '') AS ref FROM holds WHERE status = 'open' AND expires_at <= now()
     ORDER BY expires_at, hold_id LIMIT ?`,
    [limit],
  );
  return rows.map(({ ref }) => ref);
}
