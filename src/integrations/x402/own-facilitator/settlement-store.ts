import type { Database } from "../../../platform/database/pool.ts";
import type { SettlementTerms, SettlementVersion, SignedSettlement } from "./settlement-chain.ts";

/** Which settlement: the network of our registry, and what makes the signed payment unique on it. */
export type SettlementKey = { readonly network: string; readonly payloadKey: string };

/** What became of a settlement for good. `transaction`: the version that was mined; absent where none is known to be. */
export type SettlementOutcome = {
  readonly success: boolean;
  readonly transaction?: string;
  readonly reason?: string;
  readonly message?: string;
};

/**
 * A settlement as the books have it. `isClaimed`: some process is at it now. `transaction` and `raw` are the newest version, signed
 * `ageSeconds` ago; `replaced` are the earlier ones, oldest first.
 */
export type SettlementRecord = SettlementKey & {
  readonly isClaimed: boolean;
  readonly terms: SettlementTerms;
  readonly transaction: string | null;
  readonly raw: string | null;
  readonly nonce: string | null;
  readonly wallet: string | null;
  readonly replaced: readonly SettlementVersion[];
  readonly ageSeconds: number | null;
  readonly outcome: SettlementOutcome | null;
};

const COLUMNS = `network, payload_key AS "payloadKey", claimed_until > now() AS "isClaimed", requirements AS terms, transaction,
  raw_transaction AS raw, nonce, wallet, replaced, extract(epoch FROM now() - sent_at)::float8 AS "ageSeconds", outcome`;

/**
 * Claims a settlement for `seconds`, unless it is claimed or has its outcome. True when it is now ours under `claim`. The claim is a fence:
 * a transaction is only recorded, and so only sent, by who still holds it.
 */
export async function claimSettlement(
  database: Database,
  input: SettlementKey & { readonly claim: string; readonly seconds: number; readonly terms: SettlementTerms },
): Promise<boolean> {
  const { rows } = await database.raw<{ rows: unknown[] }>(
    `INSERT INTO facilitator_settlements AS known (network, payload_key, claim, claimed_until, requirements)
     VALUES (:network, :payloadKey, :claim, now() + make_interval(secs => :seconds), CAST(:terms AS jsonb))
     ON CONFLICT (network, payload_key) DO UPDATE SET claim = excluded.claim, claimed_until = excluded.claimed_until,
       requirements = CASE WHEN known.transaction IS NULL THEN excluded.requirements ELSE known.requirements END
       WHERE known.outcome IS NULL AND known.claimed_until <= now()
     RETURNING 1`,
    { ...input, terms: JSON.stringify(input.terms) },
  );
  return rows.length > 0;
}

/** Keeps a claim for another `seconds`; 0 lets it go. */
export async function renewClaim(
  database: Database,
  input: { readonly claim: string; readonly seconds: number },
): Promise<void> {
  await database.raw(
    `UPDATE facilitator_settlements SET claimed_until = now() + make_interval(secs => :seconds)
     WHERE claim = :claim AND outcome IS NULL AND claimed_until > now()`,
    input,
  );
}

/** Writes down what is about to be sent. False when the claim was lost or something was recorded before. */
export async function recordTransaction(
  database: Database,
  { claim, signed }: { readonly claim: string; readonly signed: SignedSettlement },
): Promise<boolean> {
  const { rows } = await database.raw<{ rows: unknown[] }>(
    `UPDATE facilitator_settlements
     SET transaction = :transaction, raw_transaction = :raw, wallet = :wallet, nonce = :nonce, sent_at = now()
     WHERE claim = :claim AND claimed_until > now() AND transaction IS NULL AND outcome IS NULL RETURNING 1`,
    {
      claim,
      transaction: signed.transaction,
      raw: signed.raw,
      wallet: signed.wallet ?? null,
      nonce: signed.nonce ?? null,
    },
  );
  return rows.length > 0;
}

/** Takes back what the node certainly never took: the nonce is free again, and the payment may be signed anew. */
export async function withdrawTransaction(
  database: Database,
  { transaction }: { readonly transaction: string },
): Promise<void> {
  await database.raw(
    `UPDATE facilitator_settlements SET transaction = NULL, raw_transaction = NULL, nonce = NULL, sent_at = NULL
     WHERE transaction = :transaction AND replaced = '[]' AND outcome IS NULL`,
    { transaction },
  );
}

/** Writes down a dearer version before it is sent, if `replaces` still is the newest one of an open settlement. False when it is not. */
export async function recordDearer(
  database: Database,
  { replaces, version }: { readonly replaces: string; readonly version: SettlementVersion },
): Promise<boolean> {
  const { rows } = await database.raw<{ rows: unknown[] }>(
    `UPDATE facilitator_settlements SET transaction = :transaction, raw_transaction = :raw, sent_at = now(),
       replaced = replaced || jsonb_build_array(jsonb_build_object('transaction', transaction, 'raw', raw_transaction))
     WHERE transaction = :replaces AND outcome IS NULL RETURNING 1`,
    { replaces, ...version },
  );
  return rows.length > 0;
}

/** Remembers when the chain first seemed to have no way for a settlement any more. Answers how many milliseconds ago that was. */
export async function noteGone(database: Database, key: SettlementKey): Promise<number> {
  const { rows } = await database.raw<{ rows: { goneMs: number }[] }>(
    `UPDATE facilitator_settlements SET gone_since = coalesce(gone_since, now())
     WHERE network = :network AND payload_key = :payloadKey
     RETURNING (extract(epoch FROM now() - gone_since) * 1000)::float8 AS "goneMs"`,
    { network: key.network, payloadKey: key.payloadKey },
  );
  return rows[0]?.goneMs ?? 0;
}

/** Writes down what became of it; the first word stands. */
export async function recordOutcome(
  database: Database,
  input: SettlementKey & { readonly outcome: SettlementOutcome },
): Promise<void> {
  await database.raw(
    `UPDATE facilitator_settlements SET outcome = CAST(:outcome AS jsonb), resolved_at = now(), claimed_until = now()
     WHERE network = :network AND payload_key = :payloadKey AND outcome IS NULL`,
    { network: input.network, payloadKey: input.payloadKey, outcome: JSON.stringify(input.outcome) },
  );
}

/** A settlement by its key; null when nobody ever claimed it. */
export async function findSettlement(database: Database, key: SettlementKey): Promise<SettlementRecord | null> {
  const { rows } = await database.raw<{ rows: SettlementRecord[] }>(
    `SELECT ${COLUMNS} FROM facilitator_settlements WHERE network = :network AND payload_key = :payloadKey`,
    { ...key },
  );
  return rows[0] ?? null;
}

/** What was sent and nobody is at, oldest first: a process died, or gave up waiting. */
export async function unresolvedSettlements(
  database: Database,
  { networks, limit }: { readonly networks: readonly string[]; readonly limit: number },
): Promise<readonly SettlementRecord[]> {
  const { rows } = await database.raw<{ rows: SettlementRecord[] }>(
    `SELECT ${COLUMNS} FROM facilitator_settlements
     WHERE outcome IS NULL AND transaction IS NOT NULL AND claimed_until <= now() AND network = ANY(:networks)
     ORDER BY created_at LIMIT :limit`,
    { networks, limit },
  );
  return rows;
}

/** What stands first in a wallet's lane: the open settlement with the lowest nonce. */
export async function findFirstInLane(
  database: Database,
  lane: { readonly network: string; readonly wallet: string },
): Promise<SettlementRecord | null> {
  const { rows } = await database.raw<{ rows: SettlementRecord[] }>(
    `SELECT ${COLUMNS} FROM facilitator_settlements
     WHERE network = :network AND wallet = :wallet AND outcome IS NULL AND nonce IS NOT NULL ORDER BY nonce LIMIT 1`,
    { ...lane },
  );
  return rows[0] ?? null;
}

/** Locks a wallet's lane until the end of the transaction and answers the nonces that are taken from `from` on. */
export async function lockLane(
  transaction: Database,
  {
    network,
    wallet,
    from,
  }: { readonly network: string; readonly wallet: string; readonly from: () => Promise<number> },
): Promise<{ readonly from: number; readonly taken: ReadonlySet<number> }> {
  const lane = { network, wallet };
  await transaction.raw(
    "INSERT INTO facilitator_lanes (network, wallet) VALUES (:network, :wallet) ON CONFLICT DO NOTHING",
    lane,
  );
  await transaction.raw(
    "SELECT 1 FROM facilitator_lanes WHERE network = :network AND wallet = :wallet FOR UPDATE",
    lane,
  );
  // Asked under the lock, so that what another process has just had mined is counted.
  const first = await from();
  const { rows } = await transaction.raw<{ rows: { nonce: string }[] }>(
    "SELECT nonce FROM facilitator_settlements WHERE network = :network AND wallet = :wallet AND nonce >= :first",
    { ...lane, first },
  );
  return { from: first, taken: new Set(rows.map(({ nonce }) => Number(nonce))) };
}
