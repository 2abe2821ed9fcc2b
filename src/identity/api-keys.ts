import { timingSafeEqual } from "node:crypto";
import type { Database } from "../platform/database/pool.ts";
import { newId, randomSecret } from "../platform/ids.ts";
import { hashSecret } from "../platform/secret-hash.ts";
import type { ApiKeyKind, ApiKeyRecord } from "./api-key-store.ts";
import { expireReplacedKeys, findApiKey, insertApiKey, markRevoked } from "./api-key-store.ts";

export type { ApiKeyKind, ApiKeyRecord } from "./api-key-store.ts";

/** A key just made. `key` is shown once; only its hash is kept. */
export type MintedApiKey = { readonly id: string; readonly key: string; readonly hint: string };

/** What each kind of key begins with, so that a leaked one can be told and found. */
const KEY_PREFIXES: Readonly<Record<ApiKeyKind, { readonly live: string; readonly test: string }>> = {
  customer: { live: "cbk", test: "cbk" },
  vendor: { live: "vbk", test: "vbk" },
  merchant: { live: "sk_live", test: "sk_test" },
};

const KEY_TAIL = /^[A-Za-z0-9_-]{32,200}$/;

/** Whether the text could be a key of this kind at all. Anything else is refused without a look-up. */
export function isKeyOfKind(kind: ApiKeyKind, text: string): boolean {
  const { live, test } = KEY_PREFIXES[kind];
  return [live, test].some((prefix) => text.startsWith(`${prefix}_`) && KEY_TAIL.test(text.slice(prefix.length + 1)));
}

/** Makes and registers a key with 256 random bits for `subject`, living until `expiresAt` or revocation. `isTest` shows in its prefix. */
export async function mintApiKey(
  database: Database,
  input: { readonly kind: ApiKeyKind; readonly subject: string; readonly expiresAt?: Date; readonly isTest?: boolean },
): Promise<MintedApiKey> {
  const key = newKey(input);
  const record = await registerApiKey(database, { ...input, key });
  return { id: record.id, key, hint: record.hint };
}

/**
 * Registers a key the caller derived itself. Idempotent: the same key for the same subject is left as it is, even when revoked. Throws
 * when the text is not of its kind's form, or already belongs to somebody else.
 */
export async function registerApiKey(
  database: Database,
  input: { readonly kind: ApiKeyKind; readonly subject: string; readonly key: string; readonly expiresAt?: Date },
): Promise<ApiKeyRecord> {
  if (!isKeyOfKind(input.kind, input.key)) throw new Error(`The text is not a ${input.kind} key.`);
  const record = await insertApiKey(database, {
    id: newId("key"),
    hash: hashSecret(input.key),
    kind: input.kind,
    subject: input.subject,
    hint: input.key.slice(-4),
    expiresAt: input.expiresAt ?? null,
  });
  if (record.kind !== input.kind || record.subject !== input.subject)
    throw new Error("The key belongs to another subject.");
  return record;
}

/**
 * Replaces the subject's key: a new one works at once, every older one for `overlapSeconds` more (0 ends them now), so that callers can
 * change over without a gap. Pass `key` when it is derived rather than random. Atomic.
 */
export function rotateApiKey(
  database: Database,
  input: {
    readonly kind: ApiKeyKind;
    readonly subject: string;
    readonly overlapSeconds: number;
    readonly key?: string;
    readonly isTest?: boolean;
  },
): Promise<MintedApiKey> {
  return database.transaction(async (transaction) => {
    const key = input.key ?? newKey(input);
    const record = await registerApiKey(transaction, { kind: input.kind, subject: input.subject, key });
    await expireReplacedKeys(transaction, { ...input, newId: record.id });
    return { id: record.id, key, hint: record.hint };
  });
}

/** Revokes one key by id, or all keys of a subject, at once in every process. Returns how many were alive; repeating is harmless. */
export function revokeApiKeys(
  database: Database,
  which: { readonly id: string } | { readonly kind: ApiKeyKind; readonly subject: string },
): Promise<number> {
  return markRevoked(database, which);
}

/**
 * Finds a living key by its plain text, or `undefined`. The index finds it by hash and the hash is compared again in constant time, so
 * what the answer takes says nothing about how much of a guess was right.
 */
export async function findLivingKey(
  database: Database,
  input: { readonly kind: ApiKeyKind; readonly key: string; readonly now: number },
): Promise<ApiKeyRecord | undefined> {
  if (!isKeyOfKind(input.kind, input.key)) return undefined;
  const hash = hashSecret(input.key);
  const record = await findApiKey(database, hash);
  if (record === undefined || !timingSafeEqual(record.hash, hash)) return undefined;
  return record.kind === input.kind && isLiving(record, input.now) ? record : undefined;
}

function newKey({ kind, isTest = false }: { readonly kind: ApiKeyKind; readonly isTest?: boolean }): string {
  return randomSecret(KEY_PREFIXES[kind][isTest ? "test" : "live"]);
}

/** Neither revoked nor past its end. */
function isLiving(record: Pick<ApiKeyRecord, "revokedAt" | "expiresAt">, now: number): boolean {
  return record.revokedAt === null && (record.expiresAt === null || record.expiresAt > now);
}
