import type { Database } from "../../platform/database/pool.ts";

/** Whose billing key. */
export type BillingKeyKind = "customer" | "vendor";

/** Which key of which purchase. */
export type BillingKeyOwner = { readonly purchaseId: string; readonly kind: BillingKeyKind };

/** The newest generation of a purchase's key; 1 while it was never rotated. */
export async function readGeneration(database: Database, owner: BillingKeyOwner): Promise<number> {
  const row: { generation: number } | undefined = await database("billing_key_rotations")
    .where({ purchase_id: owner.purchaseId, kind: owner.kind })
    .orderBy("generation", "desc")
    .first("generation");
  return row?.generation ?? 1;
}

/** The generation an earlier request of this key made; null when it made none. */
export async function findRotation(
  database: Database,
  owner: BillingKeyOwner & { readonly requestKey: string },
): Promise<number | null> {
  const row: { generation: number } | undefined = await database("billing_key_rotations")
    .where({ purchase_id: owner.purchaseId, kind: owner.kind, request_key: owner.requestKey })
    .first("generation");
  return row?.generation ?? null;
}

/** Writes a generation down. The caller holds the purchase's row, so that no two are made at once. */
export async function insertRotation(
  database: Database,
  rotation: BillingKeyOwner & {
    readonly generation: number;
    readonly requestKey: string | null;
    readonly overlapSeconds: number;
  },
): Promise<void> {
  await database("billing_key_rotations").insert({
    purchase_id: rotation.purchaseId,
    kind: rotation.kind,
    generation: rotation.generation,
    request_key: rotation.requestKey,
    overlap_seconds: rotation.overlapSeconds,
  });
}
