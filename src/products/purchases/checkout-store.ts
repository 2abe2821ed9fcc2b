import type { Nanodollars } from "../../money/nanodollars.ts";
import { nanodollars } from "../../money/nanodollars.ts";
import type { Database } from "../../platform/database/pool.ts";
import { OfferTerms } from "./offers.ts";

/** Where a checkout is: waiting for money, paid, turned into a purchase, or expired without money. */
export type CheckoutStatus = "awaiting_deposit" | "paid" | "finalized" | "expired";

/** Who buys, as far as the buyer says. Only `orgApiKeySealed` is secret, and it is sealed. */
export type Buyer = {
  readonly email: string | null;
  readonly orgId: string | null;
  readonly userId: string | null;
  readonly host: string | null;
  readonly orgApiKeySealed: string | null;
};

/** One checkout. The session id itself is never stored, only its SHA-256. */
export type Checkout = Buyer & {
  readonly id: string;
  readonly purchaseId: string;
  readonly offerId: string;
  readonly chain: string;
  readonly token: string;
  readonly depositAddressId: string;
  readonly depositAddress: string;
  readonly status: CheckoutStatus;
  readonly minimum: Nanodollars;
  /** What the buyer was shown; null for checkouts from before they were kept. */
  readonly terms: OfferTerms | null;
  readonly tracer: string;
  readonly expiresAt: Date;
  readonly finalizedAt: Date | null;
};

type CheckoutRow = {
  id: string;
  session_hash: Buffer;
  purchase_id: string;
  offer_id: string;
  chain: string;
  token: string;
  deposit_address_id: string;
  deposit_address: string;
  status: CheckoutStatus;
  minimum_nanodollars: string;
  terms: unknown;
  tracer: string;
  email: string | null;
  org_id: string | null;
  user_id: string | null;
  host: string | null;
  org_api_key_sealed: string | null;
  expires_at: Date;
  finalized_at: Date | null;
};

/** Adds a checkout that waits for its deposit. */
export async function insertCheckout(
  database: Database,
  checkout: Omit<Checkout, "status" | "finalizedAt">,
  sessionHash: Buffer,
): Promise<void> {
  await database("checkouts").insert({
    id: checkout.id,
    session_hash: sessionHash,
    purchase_id: checkout.purchaseId,
    offer_id: checkout.offerId,
    chain: checkout.chain,
    token: checkout.token,
    deposit_address_id: checkout.depositAddressId,
    deposit_address: checkout.depositAddress,
    minimum_nanodollars: checkout.minimum.toString(),
    terms: checkout.terms === null ? null : JSON.stringify(checkout.terms),
    tracer: checkout.tracer,
    email: checkout.email,
    org_id: checkout.orgId,
    user_id: checkout.userId,
    host: checkout.host,
    org_api_key_sealed: checkout.orgApiKeySealed,
    expires_at: checkout.expiresAt,
  });
}

/** A checkout by the SHA-256 of its session id, or by its own id; null when there is none. `lock` holds the row till commit. */
export async function findCheckout(
  database: Database,
  key: { readonly sessionHash: Buffer } | { readonly id: string } | { readonly purchaseId: string },
  options: { readonly lock: boolean } = { lock: false },
): Promise<Checkout | null> {
  const query = database<CheckoutRow>("checkouts");
  if ("sessionHash" in key) query.where("session_hash", key.sessionHash);
  else if ("id" in key) query.where("id", key.id);
  else query.where("purchase_id", key.purchaseId);
  if (options.lock) query.forUpdate();
  const row = await query.first();
  return row === undefined ? null : toCheckout(row);
}

/** Moves a checkout on; `from` lists the states it may leave, and false says it was in none of them. */
export async function moveCheckout(
  database: Database,
  move: { readonly id: string; readonly from: readonly CheckoutStatus[]; readonly to: CheckoutStatus },
): Promise<boolean> {
  const finalized = move.to === "finalized" ? { finalized_at: database.fn.now() } : {};
  const changed = await database("checkouts")
    .where("id", move.id)
    .whereIn("status", [...move.from])
    .update({ status: move.to, ...finalized });
  return changed === 1;
}

function toCheckout(row: CheckoutRow): Checkout {
  return {
    id: row.id,
    purchaseId: row.purchase_id,
    offerId: row.offer_id,
    chain: row.chain,
    token: row.token,
    depositAddressId: row.deposit_address_id,
    depositAddress: row.deposit_address,
    status: row.status,
    minimum: nanodollars(BigInt(row.minimum_nanodollars)),
    terms: row.terms === null ? null : OfferTerms.parse(row.terms),
    tracer: row.tracer,
    email: row.email,
    orgId: row.org_id,
    userId: row.user_id,
    host: row.host,
    orgApiKeySealed: row.org_api_key_sealed,
    expiresAt: row.expires_at,
    finalizedAt: row.finalized_at,
  };
}
