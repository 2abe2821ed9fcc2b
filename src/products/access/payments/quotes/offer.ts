import type { Asset } from "../../asset.ts";
import { findAsset } from "../../assets/asset-store.ts";
import { AssetNotFound } from "../../errors.ts";
import type { Merchant } from "../../merchant.ts";
import { findMerchant } from "../../merchants/merchant-store.ts";
import { AssetInMaintenance, AssetOccupied, SessionOver } from "../../payment-errors.ts";
import { endOverdueSession } from "../../sessions/end-due-session.ts";
import { extensionStart } from "../../sessions/session-lifecycle.ts";
import { findActiveSession } from "../../sessions/session-store.ts";
import type { QuoteNeeds } from "../payment-needs.ts";
import type { AccessOutcome, Attempt, Refusal, Target } from "../taking/access-outcome.ts";
import { openOptions, quoteSecretOf } from "./quote-secret.ts";
import type { StoredQuote } from "./quote-store.ts";
import { makeQuote, readUnits, type Wanted } from "./quotes.ts";

const PAYMENT_REQUIRED: Refusal = {
  reason: "payment_required",
  error: "Payment is required. Pay one of the offers and repeat the request with the payment.",
};

/** An asset that is open to this target, with its merchant. */
export type OpenAsset = { readonly asset: Asset; readonly merchant: Merchant };

/**
 * What can be bought now. Throws 404 `asset_not_found`, 409 `asset_in_maintenance` and `asset_occupied`, and 410 `session_over` for more
 * of a session that has ended.
 */
export async function requireOpenAsset(
  needs: Pick<QuoteNeeds, "database" | "clock">,
  target: Target,
): Promise<OpenAsset> {
  const asset = await findAsset(needs.database, target.assetId);
  if (asset === null) throw new AssetNotFound();
  await requireOpen(needs, { asset, target });
  const merchant = await findMerchant(needs.database, asset.merchantId);
  if (merchant === null) throw new AssetNotFound();
  return { asset, merchant };
}

async function requireOpen(
  needs: Pick<QuoteNeeds, "database" | "clock">,
  { asset, target }: { readonly asset: Asset; readonly target: Target },
): Promise<void> {
  const now = new Date(needs.clock.now());
  if (target.session !== null && extensionStart(target.session, now) === null) throw new SessionOver();
  if (asset.status === "maintenance") throw new AssetInMaintenance();
  if (target.session === null && asset.status === "occupied") await requireFree(needs, { assetId: asset.id, now });
}

/** An asset whose session is past its end is free: nobody has to wait for whoever takes it down. Throws 409 `asset_occupied`. */
export async function requireFree(
  needs: Pick<QuoteNeeds, "database">,
  { assetId, now }: { readonly assetId: string; readonly now: Date },
): Promise<void> {
  await endOverdueSession(needs, { assetId });
  const session = await findActiveSession(needs.database, assetId);
  if (session === null) return;
  const seconds = Math.ceil((session.expiresAt.getTime() - now.getTime()) / 1000);
  throw new AssetOccupied({ expiresAt: session.expiresAt, retryAfterSeconds: Math.max(1, seconds) });
}

/** Quotes what a request asks for: what a request without a payment is answered. */
export async function offer(
  needs: QuoteNeeds,
  input: {
    readonly target: Target;
    readonly wanted: Wanted;
    readonly refusal?: Refusal;
    readonly attempt?: Attempt;
  },
): Promise<AccessOutcome> {
  const { target, wanted, refusal = PAYMENT_REQUIRED, attempt = null } = input;
  const { asset, merchant } = await requireOpenAsset(needs, target);
  const { units } = readUnits(wanted, asset.price);
  const { quote, secret } = await makeQuote(needs, {
    ...{ asset, merchant, units },
    session: target.session,
    price: asset.price,
  });
  return { kind: "payment_required", asset, quote, secret, options: quote.options, refusal, attempt };
}

/**
 * Answers a payment that was not taken, without a new price: with the same quote for whoever showed its secret, else with one of the same
 * terms, because whoever shows a payment alone may not be its payer and must not learn the secret.
 */
export async function offerAgain(
  needs: QuoteNeeds,
  input: {
    readonly open: OpenAsset;
    readonly quote: StoredQuote;
    readonly target: Target;
    readonly knowsSecret: boolean;
    readonly refusal: Refusal;
    readonly attempt: Attempt;
  },
): Promise<AccessOutcome> {
  const { open, quote, target, knowsSecret, refusal, attempt } = input;
  const { asset, merchant } = open;
  if (knowsSecret) {
    const offered = { quote, secret: quoteSecretOf(needs, quote.id), options: openOptions(needs, quote) };
    return { kind: "payment_required", asset, ...offered, refusal, attempt };
  }
  const { units, price } = quote;
  const again = await makeQuote(needs, { asset, merchant, session: target.session, units, price });
  return { kind: "payment_required", asset, ...again, options: again.quote.options, refusal, attempt };
}
