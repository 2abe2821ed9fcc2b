import type { Clock } from "../platform/clock.ts";
import type { Database } from "../platform/database/pool.ts";
import type { Logger } from "../platform/logger.ts";
import { secretDigest } from "../platform/secret-hash.ts";
import type { ApiKeyKind, ApiKeyRecord } from "./api-key-store.ts";
import { listenForKeyChanges, markUsed } from "./api-key-store.ts";
import { findLivingKey, isKeyOfKind } from "./api-keys.ts";

/** What the cache needs. `listenUrl` opens one connection of its own, to hear revocations made by other processes. */
export type KeyCacheNeeds = {
  readonly database: Database;
  readonly listenUrl: string;
  readonly logger: Logger;
  readonly clock: Clock;
};

/** Living keys, remembered. `find` answers at once for a remembered key and asks the database otherwise. */
export type KeyCache = {
  find(kind: ApiKeyKind, key: string): ApiKeyRecord | undefined | Promise<ApiKeyRecord | undefined>;
  /** Writes outstanding last-used times and closes the listener. */
  stop(): Promise<void>;
};

type Entry = { readonly record: ApiKeyRecord; readonly staleAt: number; usedAt: number };

type State = {
  readonly entries: Map<string, Entry>;
  readonly pending: Map<string, Promise<ApiKeyRecord | undefined>>;
  readonly used: Map<string, number>;
  generation: number;
  isListening: boolean;
  isStopped: boolean;
};

/**
 * The longest a revoked key may still work, in milliseconds, when the notice of its revocation was lost without the connection being
 * seen to end. In every other case revocation takes effect at once.
 */
export const CACHE_TTL_MS = 30_000;

const MAXIMUM_ENTRIES = 100_000;
const LAST_USED_INTERVAL_MS = 60_000;
const RECONNECT_MS = 1_000;

/**
 * Opens the cache. Only living keys are remembered, never unknown ones. While the listener is away nothing is remembered, so a key's
 * every use asks the database: a cut connection costs speed, not safety.
 */
export async function openKeyCache(needs: KeyCacheNeeds): Promise<KeyCache> {
  const state: State = {
    entries: new Map(),
    pending: new Map(),
    used: new Map(),
    generation: 0,
    isListening: false,
    isStopped: false,
  };
  const listening = keepListening(needs, state);
  await listening.first;
  const writer = setInterval(() => void writeLastUsed(needs, state), LAST_USED_INTERVAL_MS);
  writer.unref();
  return {
    find: (kind, key) => find(needs, state, { kind, key }),
    stop: async () => {
      state.isStopped = true;
      clearInterval(writer);
      await writeLastUsed(needs, state);
      await listening.stop();
    },
  };
}

function find(needs: KeyCacheNeeds, state: State, wanted: { readonly kind: ApiKeyKind; readonly key: string }) {
  if (!isKeyOfKind(wanted.kind, wanted.key)) return undefined;
  const digest = secretDigest(wanted.key);
  const now = needs.clock.now();
  const entry = state.entries.get(digest);
  if (entry === undefined || entry.staleAt <= now) return lookUp(needs, state, { ...wanted, digest, now });
  const { record } = entry;
  if (record.kind !== wanted.kind || (record.expiresAt !== null && record.expiresAt <= now)) return undefined;
  if (now - entry.usedAt >= LAST_USED_INTERVAL_MS) {
    entry.usedAt = now;
    state.used.set(record.id, now);
  }
  return record;
}

type LookUp = { readonly kind: ApiKeyKind; readonly key: string; readonly digest: string; readonly now: number };

/** Simultaneous callers with one key share one query. */
function lookUp(needs: KeyCacheNeeds, state: State, wanted: LookUp): Promise<ApiKeyRecord | undefined> {
  const running = state.pending.get(wanted.digest);
  if (running !== undefined) return running;
  const started = ask(needs, state, wanted).finally(() => state.pending.delete(wanted.digest));
  state.pending.set(wanted.digest, started);
  return started;
}

async function ask(needs: KeyCacheNeeds, state: State, wanted: LookUp): Promise<ApiKeyRecord | undefined> {
  const generation = state.generation;
  const record = await findLivingKey(needs.database, wanted);
  if (record === undefined) {
    state.entries.delete(wanted.digest);
    return undefined;
  }
  state.used.set(record.id, wanted.now);
  // A change heard while we were asking may be about this very key: then its answer must not be remembered.
  if (state.isListening && state.generation === generation) remember(state, wanted, record);
  return record;
}

function remember(state: State, wanted: LookUp, record: ApiKeyRecord): void {
  const [oldest] = state.entries.keys();
  if (state.entries.size >= MAXIMUM_ENTRIES && oldest !== undefined) state.entries.delete(oldest);
  state.entries.set(wanted.digest, { record, staleAt: wanted.now + CACHE_TTL_MS, usedAt: wanted.now });
}

function keepListening(needs: KeyCacheNeeds, state: State) {
  let stopListening: () => Promise<void> = async () => {};
  let retry: NodeJS.Timeout | undefined;
  const forget = () => {
    state.generation += 1;
    state.entries.clear();
  };
  const connect = async (): Promise<void> => {
    try {
      const listener = await listenForKeyChanges(needs.listenUrl, {
        onChange: (hash) => {
          state.generation += 1;
          state.entries.delete(hash);
        },
        onLost: () => {
          state.isListening = false;
          forget();
          needs.logger.warn("lost the connection that hears key revocations; keys are not cached until it is back");
          again();
        },
      });
      stopListening = listener.stop;
      forget();
      state.isListening = true;
      if (state.isStopped) await listener.stop();
    } catch (failure) {
      needs.logger.warn({ err: failure }, "cannot hear key revocations yet");
      again();
    }
  };
  const again = () => {
    if (state.isStopped) return;
    retry = setTimeout(() => void connect(), RECONNECT_MS);
    retry.unref();
  };
  return {
    first: connect(),
    stop: async () => {
      clearTimeout(retry);
      await stopListening();
    },
  };
}

async function writeLastUsed(needs: KeyCacheNeeds, state: State): Promise<void> {
  if (state.used.size === 0) return;
  const batch = new Map(state.used);
  state.used.clear();
  try {
    await markUsed(needs.database, batch);
  } catch (failure) {
    // Last-used is a hint for people; a lost minute of it is not worth a retry queue.
    needs.logger.warn({ err: failure }, "last-used times of keys were not written");
  }
}
