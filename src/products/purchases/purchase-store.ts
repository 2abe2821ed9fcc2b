import type { Nanodollars } from "../../money/nanodollars.ts";
import { nanodollars } from "../../money/nanodollars.ts";
import type { Database } from "../../platform/database/pool.ts";
import type { BalanceTriggers } from "./balance-triggers.ts";
import type { OfferKindName } from "./offer-kinds/kinds.ts";
import { OfferTerms } from "./offers.ts";

/** Where a purchase is in its life. `terminating` and what follows has no way back; `stuck` is where an operator put it. */
export type PurchaseStatus =
  | "provisioning"
  | "active"
  | "low"
  | "critical"
  | "suspended"
  | "grace"
  | "terminating"
  | "terminated"
  | "refunding"
  | "stuck";

/** What a purchase's resources allow right now; the status says what they should. */
export type PurchaseAccess = "full" | "read_only";

/** Why a purchase ends. */
export type EndReason = "out_of_balance" | "customer_cancelled" | "operator";

/** The sold thing. Its balance is the ledger's; its deposits are the chains room's. */
export type Purchase = {
  readonly id: string;
  readonly checkoutId: string;
  readonly offerId: string;
  readonly kind: OfferKindName;
  readonly title: string;
  readonly status: PurchaseStatus;
  readonly statusSince: Date;
  readonly terms: OfferTerms;
  readonly triggers: BalanceTriggers;
  readonly officexPurchaseId: string | null;
  readonly buyerUserId: string | null;
  readonly buyerOrgId: string | null;
  readonly buyerOrgHost: string | null;
  readonly access: PurchaseAccess;
  readonly graceStartedAt: Date | null;
  readonly graceEndsAt: Date | null;
  readonly endReason: EndReason | null;
  /** How far its crossings were told: the last epoch by trigger. */
  readonly toldEpochs: Readonly<Record<string, number>>;
  readonly createdAt: Date;
  readonly terminatedAt: Date | null;
};

type PurchaseRow = {
  id: string;
  checkout_id: string;
  offer_id: string;
  kind: OfferKindName;
  title: string;
  status: PurchaseStatus;
  status_since: Date;
  terms: unknown;
  low_trigger_nanodollars: string;
  critical_trigger_nanodollars: string;
  termination_trigger_nanodollars: string;
  officex_purchase_id: string | null;
  buyer_user_id: string | null;
  buyer_org_id: string | null;
  buyer_org_host: string | null;
  access: PurchaseAccess;
  grace_started_at: Date | null;
  grace_ends_at: Date | null;
  end_reason: EndReason | null;
  told_epochs: Record<string, number>;
  created_at: Date;
  terminated_at: Date | null;
};

/** What a new purchase starts from. */
export type NewPurchase = Omit<
  Purchase,
  | "status"
  | "statusSince"
  | "access"
  | "graceStartedAt"
  | "graceEndsAt"
  | "endReason"
  | "toldEpochs"
  | "createdAt"
  | "terminatedAt"
>;

/** Adds a purchase in `provisioning`. The unique checkout id makes a second one for the same money impossible. */
export async function insertPurchase(database: Database, purchase: NewPurchase): Promise<void> {
  await database("purchases").insert({
    id: purchase.id,
    checkout_id: purchase.checkoutId,
    offer_id: purchase.offerId,
    kind: purchase.kind,
    title: purchase.title,
    terms: JSON.stringify(purchase.terms),
    low_trigger_nanodollars: purchase.triggers.low.toString(),
    critical_trigger_nanodollars: purchase.triggers.critical.toString(),
    termination_trigger_nanodollars: purchase.triggers.termination.toString(),
    officex_purchase_id: purchase.officexPurchaseId,
    buyer_user_id: purchase.buyerUserId,
    buyer_org_id: purchase.buyerOrgId,
    buyer_org_host: purchase.buyerOrgHost,
  });
}

/** A purchase by id; null when there is none. `lock` holds the row till commit. */
export async function findPurchase(
  database: Database,
  id: string,
  options: { readonly lock: boolean } = { lock: false },
): Promise<Purchase | null> {
  const query = database<PurchaseRow>("purchases").where("id", id);
  if (options.lock) query.forUpdate();
  const row = await query.first();
  return row === undefined ? null : toPurchase(row);
}

/** A change of a purchase's row. What is left out stays as it is; a grace of null is over. */
export type PurchaseChange = {
  readonly id: string;
  readonly status: PurchaseStatus;
  readonly graceEndsAt: Date | null;
  readonly graceStartedAt?: Date | null;
  readonly access?: PurchaseAccess;
  readonly endReason?: EndReason;
  readonly toldEpochs?: Readonly<Record<string, number>>;
  readonly evaluatedSequence?: bigint;
};

/**
 * Writes a new status with the time it began; the same status again leaves that time. With a sequence it is an evaluation, and the
 * moment its transaction began is kept. The first reason to end stays while it ends, and the time of the first termination for good.
 */
export async function updatePurchase(database: Database, change: PurchaseChange): Promise<void> {
  await database.raw(
    `UPDATE purchases SET status_since = CASE WHEN status = :status THEN status_since ELSE now() END, status = :status,
       grace_ends_at = :graceEndsAt,
       grace_started_at = CASE WHEN :graceEndsAt::timestamptz IS NOT NULL THEN coalesce(:graceStartedAt::timestamptz, grace_started_at) END,
       terminated_at = CASE WHEN :status = 'terminated' THEN coalesce(terminated_at, now()) ELSE terminated_at END,
       access = coalesce(:access, access),
       end_reason = CASE WHEN :status IN ('terminating', 'refunding', 'terminated') THEN coalesce(end_reason, :endReason) END,
       told_epochs = coalesce(:toldEpochs::jsonb, told_epochs),
       evaluated_sequence = greatest(evaluated_sequence, :sequence::bigint),
       evaluated_at = CASE WHEN :isEvaluation THEN now() ELSE evaluated_at END
     WHERE id = :id`,
    {
      id: change.id,
      status: change.status,
      graceEndsAt: change.graceEndsAt,
      graceStartedAt: change.graceStartedAt ?? null,
      access: change.access ?? null,
      endReason: change.endReason ?? null,
      toldEpochs: change.toldEpochs === undefined ? null : JSON.stringify(change.toldEpochs),
      sequence: (change.evaluatedSequence ?? 0n).toString(),
      isEvaluation: change.evaluatedSequence !== undefined,
    },
  );
}

/** Writes the customer's own notice levels; the termination level stays the vendor's. */
export async function setNoticeLevelRow(
  database: Database,
  input: { readonly id: string; readonly low: Nanodollars; readonly critical: Nanodollars },
): Promise<void> {
  await database("purchases").where("id", input.id).update({
    low_trigger_nanodollars: input.low.toString(),
    critical_trigger_nanodollars: input.critical.toString(),
  });
}

/** How many purchases are in each status. */
export async function countByStatus(
  database: Database,
): Promise<readonly { readonly status: string; readonly count: number }[]> {
  const rows: { status: string; count: string }[] = await database("purchases")
    .select("status")
    .count({ count: "*" })
    .groupBy("status");
  return rows.map(({ status, count }) => ({ status, count: Number(count) }));
}

function toPurchase(row: PurchaseRow): Purchase {
  const level = (text: string): Nanodollars => nanodollars(BigInt(text));
  return {
    id: row.id,
    checkoutId: row.checkout_id,
    offerId: row.offer_id,
    kind: row.kind,
    title: row.title,
    status: row.status,
    statusSince: row.status_since,
    terms: OfferTerms.parse(row.terms),
    triggers: {
      low: level(row.low_trigger_nanodollars),
      critical: level(row.critical_trigger_nanodollars),
      termination: level(row.termination_trigger_nanodollars),
    },
    officexPurchaseId: row.officex_purchase_id,
    buyerUserId: row.buyer_user_id,
    buyerOrgId: row.buyer_org_id,
    buyerOrgHost: row.buyer_org_host,
    access: row.access,
    graceStartedAt: row.grace_started_at,
    graceEndsAt: row.grace_ends_at,
    endReason: row.end_reason,
    toldEpochs: row.told_epochs,
    createdAt: row.created_at,
    terminatedAt: row.terminated_at,
  };
}
