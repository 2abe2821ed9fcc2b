import { nanodollars } from "../../../money/nanodollars.ts";
import type { Database } from "../../../platform/database/pool.ts";
import { preparedAs } from "../../../platform/database/prepared.ts";
import { hashSecret } from "../../../platform/secret-hash.ts";
import type { AssetUnit } from "../asset.ts";
import type { Session, SessionStatus } from "../session.ts";

/** A row of `access_sessions` as the driver gives it. */
export type SessionRow = {
  id: string;
  token_sealed: string;
  merchant_id: string;
  asset_id: string;
  payer_network: string;
  payer: string;
  status: SessionStatus;
  unit: AssetUnit;
  unit_seconds: number;
  units: number;
  paid_nanodollars: string;
  is_extended: boolean;
  started_at: Date;
  expires_at: Date;
  ended_at: Date | null;
  event_seq: number;
};

const COLUMNS = `id, token_sealed, merchant_id, asset_id, payer_network, payer, status, unit, unit_seconds, units, paid_nanodollars,
  is_extended, started_at, expires_at, ended_at, event_seq`;

/** A session to be; it is active, has said nothing yet and was not extended. */
export type NewSession = Omit<Session, "status" | "isExtended" | "endedAt" | "eventSeq"> & { readonly token: string };

/** Adds a session, unless its asset has an active one: null then. The partial unique index decides, so two buyers never both win. */
export async function insertSession(transaction: Database, session: NewSession): Promise<Session | null> {
  const insertion = transaction.raw<{ rows: SessionRow[] }>(
    `INSERT INTO access_sessions (id, token_hash, token_sealed, merchant_id, asset_id, payer_network, payer, unit, unit_seconds,
       units, paid_nanodollars, started_at, expires_at)
     VALUES (:id, :tokenHash, :tokenSealed, :merchantId, :assetId, :payerNetwork, :payer, :unit, :unitSeconds,
       :units, :paid, :startedAt, :expiresAt)
     ON CONFLICT (asset_id) WHERE status = 'active' DO NOTHING RETURNING ${COLUMNS}`,
    { ...session, tokenHash: hashSecret(session.token), paid: session.paid.toString() },
  );
  const { rows } = await insertion.options(preparedAs("insert_session"));
  return rows[0] === undefined ? null : toSession(rows[0]);
}

/** A session by id; null when there is none. `lock` holds the row till commit. */
export async function findSession(
  database: Database,
  id: string,
  options: { readonly lock: boolean } = { lock: false },
): Promise<Session | null> {
  if (options.lock) return first(database, { where: { id }, lock: true });
  const { rows } = await database
    .raw<{ rows: SessionRow[] }>(`SELECT ${COLUMNS} FROM access_sessions WHERE id = ?`, [id])
    .options(preparedAs("session"));
  return rows[0] === undefined ? null : toSession(rows[0]);
}

/** The session whose token this is, in whatever status; null when there is none. Found by the token's hash. */
export async function findSessionByToken(
  database: Database,
  token: string,
  options: { readonly lock: boolean } = { lock: false },
): Promise<Session | null> {
  return first(database, { where: { token_hash: hashSecret(token) }, ...options });
}

/** The asset's active session, also one that is past its end and not ended yet; null when there is none. */
export async function findActiveSession(
  database: Database,
  assetId: string,
  options: { readonly lock: boolean } = { lock: false },
): Promise<Session | null> {
  return first(database, { where: { asset_id: assetId, status: "active" }, ...options });
}

/** The active sessions of a payer, newest first; of one asset where it is given. `networks` is how ids of the payer's chains begin. */
export async function listSessionsOfPayer(
  database: Database,
  input: {
    readonly payers: readonly string[];
    readonly networkPrefix: string;
    readonly assetId: string | null;
    readonly limit: number;
  },
): Promise<readonly Session[]> {
  const query = database<SessionRow>("access_sessions")

    .whereIn("payer", [...input.payers])
    .where("status", "active")
    .whereLike("payer_network", `${input.networkPrefix}%`);
  if (input.assetId !== null) query.where("asset_id", input.assetId);
  const rows: SessionRow[] = await query.orderBy("started_at", "desc").limit(input.limit);
  return rows.map(toSession);
}

/** Which sessions a list shows; what is null is not asked. `before` is the id after which the page continues. */
export type SessionFilter = {
  readonly merchantId: string | null;
  readonly assetId: string | null;
  readonly status: SessionStatus | null;
  readonly before: string | null;
  readonly limit: number;
};

/** Sessions, newest first: their ids sort by age. */
export async function listSessions(database: Database, filter: SessionFilter): Promise<readonly Session[]> {
  const query = database<SessionRow>("access_sessions");
  if (filter.merchantId !== null) query.where("merchant_id", filter.merchantId);
  if (filter.assetId !== null) query.where("asset_id", filter.assetId);
  if (filter.status !== null) query.where("status", filter.status);
  if (filter.before !== null) query.where("id", "<", filter.before);
  const rows: SessionRow[] = await query.orderBy("id", "desc").limit(filter.limit);
  return rows.map(toSession);
}

/** Writes more time; `units` and `paid` are what is added. Only of an active session: null of any other. */
export async function addTime(
  transaction: Database,
  input: { readonly id: string; readonly units: number; readonly paid: bigint; readonly expiresAt: Date },
): Promise<Session | null> {
  const rows: SessionRow[] = await transaction<SessionRow>("access_sessions")
    .where({ id: input.id, status: "active" })
    .update({
      units: transaction.raw("units + ?", [input.units]),
      paid_nanodollars: transaction.raw("paid_nanodollars + ?::bigint", [input.paid.toString()]),
      expires_at: input.expiresAt,
      is_extended: true,
    })
    .returning("*");
  return rows[0] === undefined ? null : toSession(rows[0]);
}

/** Ends an active session; null when it was not active, so that it ends exactly once. */
export async function closeSession(
  transaction: Database,
  input: { readonly id: string; readonly status: Exclude<SessionStatus, "active">; readonly endedAt: Date },
): Promise<Session | null> {
  const rows: SessionRow[] = await transaction<SessionRow>("access_sessions")
    .where({ id: input.id, status: "active" })
    .update({ status: input.status, ended_at: input.endedAt })
    .returning("*");
  return rows[0] === undefined ? null : toSession(rows[0]);
}

/** The database's clock, by which every session ends, whichever machine asks. */
export async function readDatabaseTime(database: Database): Promise<Date> {
  const { rows } = await database.raw<{ rows: { now: Date }[] }>("SELECT clock_timestamp() AS now");
  const now = rows[0]?.now;
  if (now === undefined) throw new Error("the database told no time");
  return now;
}

async function first(
  database: Database,
  input: { readonly where: Readonly<Record<string, unknown>>; readonly lock: boolean },
): Promise<Session | null> {
  const query = database<SessionRow>("access_sessions").where(input.where);
  if (input.lock) query.forUpdate();
  const row: SessionRow | undefined = await query.first();
  return row === undefined ? null : toSession(row);
}

/** A row in the words of the domain. Pure. */
export function toSession(row: SessionRow): Session {
  return {
    id: row.id,
    tokenSealed: row.token_sealed,
    merchantId: row.merchant_id,
    assetId: row.asset_id,
    payerNetwork: row.payer_network,
    payer: row.payer,
    status: row.status,
    unit: row.unit,
    unitSeconds: row.unit_seconds,
    units: row.units,
    paid: nanodollars(BigInt(row.paid_nanodollars)),
    isExtended: row.is_extended,
    startedAt: row.started_at,
    expiresAt: row.expires_at,
    endedAt: row.ended_at,
    eventSeq: row.event_seq,
  };
}
