import { createHash } from "node:crypto";
import type { Database } from "../database/pool.ts";
import { purgeInBatches } from "../database/purge-in-batches.ts";
import type { Logger } from "../logger.ts";
import type { MasterKey } from "../secrets.ts";
import { openSecret, sealSecret } from "../secrets.ts";
import type { AnyPrincipal } from "./authenticate.ts";
import type { Answer } from "./define-route.ts";
import { IdempotencyKeyReused, InvalidIdempotencyKey, RequestInProgress } from "./errors.ts";
import { claimKey, forgetClaim, keepAnswer, purgeAnswers } from "./idempotency-store.ts";

/** What the replay store needs. Answers are sealed with the master key, as they may show a secret once. */
export type IdempotencyNeeds = {
  readonly database: Database;
  readonly masterKey: MasterKey;
  /** How long an answer is replayed. Afterwards only the domain's natural keys stop a repetition. */
  readonly retentionSeconds: number;
  /** How long a claim whose process died blocks its key. Longer than the request timeout. */
  readonly leaseSeconds: number;
};

/** One request as the store sees it. `request` is everything that must be equal for a replay. */
export type IdempotentCall = {
  readonly key: string;
  readonly operationId: string;
  readonly principal: AnyPrincipal;
  /** Where the call came from. Callers without a principal are told apart by it, so that none is given a stranger's answer. */
  readonly address: string;
  readonly request: unknown;
};

/** Thirty days: longer than any client retries, and the retention of Stripe's own keys. */
export const DEFAULT_RETENTION_SECONDS = 2_592_000;

/** Two minutes: four times the default request timeout. */
export const DEFAULT_LEASE_SECONDS = 120;

const KEY = /^[\x21-\x7e]{1,255}$/;
const PURGE_INTERVAL_MS = 300_000;
const PURGE_BATCH = 5_000;
const SEAL_PURPOSE = "idempotency-answer";

/** Reads and checks the `Idempotency-Key` header. Throws 400 {@link InvalidIdempotencyKey}. */
export function readIdempotencyKey(header: string | string[] | undefined): string | undefined {
  if (header === undefined) return undefined;
  if (typeof header !== "string" || !KEY.test(header)) throw new InvalidIdempotencyKey();
  return header;
}

/**
 * Runs `execute` at most once per key, principal and operation while its answer is kept, and replays that answer with
 * `Idempotency-Replayed: true`. Only answers below 400 are kept: a refusal changed nothing, so its key stays free, and a failure
 * must be retried. A process that dies after committing leaves a claim that lapses; the next attempt runs again and meets
 * the domain's natural keys (ledger entry, unique row), which answer the same. Throws 409 {@link RequestInProgress}, 422
 * {@link IdempotencyKeyReused}.
 */
export async function runOnce(
  needs: IdempotencyNeeds,
  call: IdempotentCall,
  execute: () => Promise<Answer>,
): Promise<Answer> {
  const identity = { scope: scopeOf(call), operationId: call.operationId, key: call.key };
  const requestHash = createHash("sha256").update(canonicalJson(call.request)).digest();
  const claim = await claimKey(needs.database, { ...identity, requestHash, leaseSeconds: needs.leaseSeconds });
  if (claim.kind === "other-request") throw new IdempotencyKeyReused();
  if (claim.kind === "running") throw new RequestInProgress(claim.retryAfterSeconds);
  if (claim.kind === "answered") return replay(needs, claim);
  const settled = { ...identity, claimId: claim.claimId };
  try {
    const answer = await execute();
    if (answer.status >= 400) await forgetClaim(needs.database, settled);
    else
      await keepAnswer(needs.database, {
        ...settled,
        ...sealAnswer(needs, answer),
        retentionSeconds: needs.retentionSeconds,
      });
    return answer;
  } catch (failure) {
    // The claim lapses by itself, so a database that is away must not hide the failure that brought us here.
    await forgetClaim(needs.database, settled).catch(() => undefined);
    throw failure;
  }
}

/**
 * Deletes answers past their retention, now and then, in bounded batches. Every process does so; they take different rows or none. The
 * timer keeps no process alive, and a database that is away only postpones it.
 */
export function purgeRegularly(needs: IdempotencyNeeds, logger: Logger): void {
  const purge = async () => {
    try {
      const purged = await purgeInBatches(PURGE_BATCH, (limit) => purgeAnswers(needs.database, limit));
      if (purged > 0) logger.debug({ purged }, "forgot old answers");
    } catch (failure) {
      logger.warn({ err: failure }, "old answers were not purged");
    }
  };
  setInterval(() => void purge(), PURGE_INTERVAL_MS).unref();
}

function scopeOf({ principal, address }: Pick<IdempotentCall, "principal" | "address">): string {
  return `${principal.kind}:${principal.subject ?? address}`;
}

function sealAnswer(
  needs: IdempotencyNeeds,
  answer: Answer,
): { readonly status: number; readonly sealedAnswer: string } {
  const content = JSON.stringify({ body: answer.body, headers: answer.headers ?? {} });
  return { status: answer.status, sealedAnswer: sealSecret(needs.masterKey, SEAL_PURPOSE, content) };
}

function replay(needs: IdempotencyNeeds, kept: { readonly status: number; readonly sealedAnswer: string }): Answer {
  const { body, headers } = JSON.parse(openSecret(needs.masterKey, SEAL_PURPOSE, kept.sealedAnswer));
  return { status: kept.status, body, headers: { ...headers, "idempotency-replayed": "true" } };
}

/** JSON with members in code unit order, so that two spellings of one request hash alike. */
export function canonicalJson(value: unknown): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  members.sort(([left], [right]) => (left < right ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`).join(",")}}`;
}
