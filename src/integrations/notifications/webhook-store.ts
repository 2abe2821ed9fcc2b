import type { Database } from "../../platform/database/pool.ts";

/** A stored signing secret, sealed. `retiresAt` is when it stops signing; null for the one that stays. */
export type StoredSecret = {
  readonly id: string;
  readonly sealed: string;
  readonly createdAt: Date;
  readonly retiresAt: Date | null;
};

/** A listener that answered 410 Gone, known by the SHA-256 of its address. */
export type WebhookRefusal = { readonly host: string; readonly refusedAt: Date; readonly liftedAt: Date | null };

/** Every stored secret, newest first, the retired ones too. */
export async function listSecrets(database: Database): Promise<readonly StoredSecret[]> {
  const result: { rows: StoredSecret[] } = await database.raw(
    `SELECT id, secret_sealed AS sealed, created_at AS "createdAt", retires_at AS "retiresAt"
     FROM webhook_secrets ORDER BY retires_at DESC NULLS FIRST, created_at DESC`,
  );
  return result.rows;
}

/** Keeps a sealed secret. */
export async function insertSecret(
  database: Database,
  secret: { readonly id: string; readonly sealed: string; readonly retiresAt: Date | null },
): Promise<void> {
  await database("webhook_secrets").insert({
    id: secret.id,
    secret_sealed: secret.sealed,
    retires_at: secret.retiresAt,
  });
}

/** Lets every secret that has no end yet retire at `at`. */
export async function retireSecrets(database: Database, at: Date): Promise<void> {
  await database("webhook_secrets").whereNull("retires_at").update({ retires_at: at });
}

/** True while a listener that answered 410 has not been tried again on purpose. */
export async function isRefused(database: Database, listener: Buffer): Promise<boolean> {
  const row: unknown = await database("webhook_refusals").where("listener", listener).whereNull("lifted_at").first();
  return row !== undefined;
}

/** Notes that a listener wants no more. */
export async function noteRefusal(database: Database, listener: Buffer, host: string): Promise<void> {
  await database("webhook_refusals")
    .insert({ listener, host })
    .onConflict("listener")
    .merge({ refused_at: database.fn.now(), lifted_at: null });
}

/** Lets every listener be called again; an operator asked for it. */
export async function liftRefusals(database: Database): Promise<void> {
  await database("webhook_refusals").whereNull("lifted_at").update({ lifted_at: database.fn.now() });
}

/** Every listener that ever answered 410, newest first. */
export async function listRefusals(database: Database): Promise<readonly WebhookRefusal[]> {
  const result: { rows: WebhookRefusal[] } = await database.raw(
    `SELECT host, refused_at AS "refusedAt", lifted_at AS "liftedAt" FROM webhook_refusals ORDER BY refused_at DESC LIMIT 100`,
  );
  return result.rows;
}
