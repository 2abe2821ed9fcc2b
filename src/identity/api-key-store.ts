import { Client } from "pg";
import type { Database } from "../platform/database/pool.ts";

/** What a key is for; it decides the prefix and the scheme that accepts it. */
export type ApiKeyKind = "customer" | "vendor" | "merchant";

/** A stored key. The key itself is not stored, only its SHA-256. Times are milliseconds since 1970. */
export type ApiKeyRecord = {
  readonly id: string;
  readonly hash: Buffer;
  readonly kind: ApiKeyKind;
  readonly subject: string;
  readonly hint: string;
  readonly createdAt: number;
  readonly expiresAt: number | null;
  readonly revokedAt: number | null;
  readonly replacedBy: string | null;
  readonly lastUsedAt: number | null;
};

type Row = {
  readonly id: string;
  readonly hash: Buffer;
  readonly kind: ApiKeyKind;
  readonly subject: string;
  readonly hint: string;
  readonly created_at: Date;
  readonly expires_at: Date | null;
  readonly revoked_at: Date | null;
  readonly replaced_by: string | null;
  readonly last_used_at: Date | null;
};

const CHANNEL = "api_keys_changed";

function toRecord(row: Row): ApiKeyRecord {
  return {
    id: row.id,
    hash: row.hash,
    kind: row.kind,
    subject: row.subject,
    hint: row.hint,
    createdAt: row.created_at.getTime(),
    expiresAt: row.expires_at?.getTime() ?? null,
    revokedAt: row.revoked_at?.getTime() ?? null,
    replacedBy: row.replaced_by,
    lastUsedAt: row.last_used_at?.getTime() ?? null,
  };
}

/** Inserts a key, or does nothing when its hash is there already. Returns the row that stands. */
export async function insertApiKey(
  database: Database,
  input: Pick<ApiKeyRecord, "id" | "hash" | "kind" | "subject" | "hint"> & { readonly expiresAt: Date | null },
): Promise<ApiKeyRecord> {
  await database("api_keys")
    .insert({
      id: input.id,
      hash: input.hash,
      kind: input.kind,
      subject: input.subject,
      hint: input.hint,
      expires_at: input.expiresAt,
    })
    .onConflict("hash")
    .ignore();
  const found = await findApiKey(database, input.hash);
  if (found === undefined) throw new Error("An API key vanished while it was being registered.");
  return found;
}

/** The key with this hash, whatever its state. */
export async function findApiKey(database: Database, hash: Buffer): Promise<ApiKeyRecord | undefined> {
  const row = await database<Row>("api_keys").where({ hash }).first();
  return row === undefined ? undefined : toRecord(row);
}

/** All keys of a subject, newest first. */
export async function listApiKeys(
  database: Database,
  owner: { readonly kind: ApiKeyKind; readonly subject: string },
): Promise<readonly ApiKeyRecord[]> {
  const rows = await database<Row>("api_keys").where(owner).orderBy("created_at", "desc").orderBy("id", "desc");
  return rows.map(toRecord);
}

/** Lets the subject's other living keys end after `overlapSeconds`, never later than they would have. Returns how many. */
export async function expireReplacedKeys(
  database: Database,
  input: {
    readonly kind: ApiKeyKind;
    readonly subject: string;
    readonly newId: string;
    readonly overlapSeconds: number;
  },
): Promise<number> {
  const updated = await database.raw<{ rowCount: number }>(
    `UPDATE api_keys
     SET expires_at = least(expires_at, now() + make_interval(secs => :overlapSeconds)), replaced_by = :newId
     WHERE kind = :kind AND subject = :subject AND id <> :newId AND revoked_at IS NULL
       AND (expires_at IS NULL OR expires_at > now())`,
    { ...input },
  );
  return updated.rowCount;
}

/** Revokes keys for good: one by id, or all of a subject. Returns how many were alive. */
export function markRevoked(
  database: Database,
  which: { readonly id: string } | { readonly kind: ApiKeyKind; readonly subject: string },
): Promise<number> {
  return database("api_keys").where(which).whereNull("revoked_at").update({ revoked_at: database.fn.now() });
}

/** Notes when keys were last used. Never moves a time back. Rows are locked in the order of ids: every process notes the same keys. */
export async function markUsed(database: Database, used: ReadonlyMap<string, number>): Promise<void> {
  await database.raw(
    `UPDATE api_keys SET last_used_at = greatest(last_used_at, used.at)
     FROM unnest(:ids::text[], :times::timestamptz[]) AS used (id, at) WHERE api_keys.id = used.id
       AND api_keys.id IN (SELECT id FROM api_keys WHERE id = ANY (:ids) ORDER BY id FOR NO KEY UPDATE)`,
    { ids: [...used.keys()], times: [...used.values()].map((at) => new Date(at)) },
  );
}

/** A live subscription to key changes. */
export type KeyChangeListener = { stop(): Promise<void> };

/**
 * Hears, from any process on this database, which key (by base64 hash) was revoked, expired early or deleted. `onLost` is called when
 * the connection ends, however it ends; nothing is heard after it.
 */
export async function listenForKeyChanges(
  url: string,
  hear: { readonly onChange: (hash: string) => void; readonly onLost: () => void },
): Promise<KeyChangeListener> {
  const client = new Client({ connectionString: url, application_name: "api-key-changes", keepAlive: true });
  let isLost = false;
  const lose = () => {
    if (isLost) return;
    isLost = true;
    hear.onLost();
  };
  client.on("error", lose);
  client.on("end", lose);
  client.on("notification", (message) => hear.onChange(message.payload ?? ""));
  await client.connect();
  await client.query(`LISTEN ${CHANNEL}`);
  return {
    stop: async () => {
      isLost = true;
      await client.end();
    },
  };
}
