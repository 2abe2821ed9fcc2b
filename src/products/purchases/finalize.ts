import type { Knex } from "knex";
import { registerApiKey } from "../../identity/api-keys.ts";
import { accounts } from "../../ledger/chart-of-accounts.ts";
import { setThresholds, setWakeSubject } from "../../ledger/open-account.ts";
import { newId } from "../../platform/ids.ts";
import { raiseWake } from "../../platform/temporal/wake-store.ts";
import { triggersFor } from "./balance-triggers.ts";
import { readGeneration } from "./billing-key-store.ts";
import { readCustomerKey, readVendorKey } from "./billing-keys.ts";
import type { CheckoutNeeds, DepositTotals } from "./checkout.ts";
import type { Checkout } from "./checkout-store.ts";
import { findCheckout, moveCheckout } from "./checkout-store.ts";
import { CheckoutExpired, CheckoutNotFound, PaymentNotConfirmed } from "./errors.ts";
import { insertEvent } from "./event-store.ts";
import { readCheckoutOffer } from "./offer-catalogue.ts";
import type { Purchase } from "./purchase-store.ts";
import { findPurchase, insertPurchase } from "./purchase-store.ts";

const KEY_SHOWN_FOR_MS = 86_400_000;
const POLL_MS = 100;

/** What finalizing answers: the purchase and, within 24 hours of the sale, its customer key. */
export type FinalizedPurchase = { readonly purchase: Purchase; readonly customerKey: string | null };

/** What the buyer's client adds when it finalizes; kept as stated, trusted for nothing. */
export type FinalizeInput = {
  readonly checkout: Checkout;
  readonly officexPurchaseId: string | null;
  readonly buyer: { readonly orgId: string | null; readonly orgHost: string | null; readonly userId: string | null };
};

/**
 * Turns a paid checkout into a purchase, exactly once: callers queue on the checkout's row, the first makes the purchase, all get the
 * same one. In one transaction: purchase, trigger levels, both keys, the wakes that start `purchase/<id>` and end `checkout/<id>`.
 * Fails with `payment_not_confirmed` below the minimum and `checkout_expired`; both change nothing. Source: seed 000, "Purchase
 * Checkout" 5.
 */
export async function finalizeCheckout(needs: CheckoutNeeds, input: FinalizeInput): Promise<FinalizedPurchase> {
  const purchase = await needs.database.transaction(async (transaction) => {
    const checkout = await findCheckout(transaction, { id: input.checkout.id }, { lock: true });
    if (checkout === null) throw new CheckoutNotFound();
    if (checkout.status !== "finalized") await createPurchase(needs, transaction, { ...input, checkout });
    const made = await findPurchase(transaction, checkout.purchaseId);
    if (made === null) throw new Error(`checkout ${checkout.id} is finalized without a purchase`);
    return made;
  });
  return { purchase, customerKey: await shownKey(needs, purchase) };
}

async function createPurchase(
  needs: CheckoutNeeds,
  transaction: Knex.Transaction,
  input: FinalizeInput,
): Promise<void> {
  const { checkout, buyer } = input;
  const totals = await needs.cashier.readTotals(transaction, checkout.depositAddressId);
  refuseUnpaid(checkout, totals, new Date(needs.clock.now()));
  const offer = await readCheckoutOffer({ database: transaction }, { offerId: checkout.offerId });
  const terms = checkout.terms ?? offer.terms;
  const triggers = triggersFor(totals.confirmed, terms.triggers);
  const subject = `purchase/${checkout.purchaseId}`;
  await insertPurchase(transaction, {
    id: checkout.purchaseId,
    checkoutId: checkout.id,
    offerId: offer.id,
    kind: offer.kind,
    title: offer.title,
    terms,
    triggers,
    officexPurchaseId: input.officexPurchaseId,
    buyerUserId: buyer.userId ?? checkout.userId,
    buyerOrgId: buyer.orgId ?? checkout.orgId,
    buyerOrgHost: buyer.orgHost ?? checkout.host,
  });
  const account = accounts.purchase(checkout.purchaseId);
  await setWakeSubject(transaction, { account, wakeSubject: subject });
  await setThresholds(transaction, {
    account,
    thresholds: [
      { name: "low", level: triggers.low },
      { name: "critical", level: triggers.critical },
      { name: "termination", level: triggers.termination },
    ],
  });
  await registerKeys(needs, transaction, checkout.purchaseId);
  await needs.cashier.redirectWakes(transaction, { depositAddressId: checkout.depositAddressId, wakeSubject: subject });
  await insertEvent(transaction, {
    id: newId("evt"),
    purchaseId: checkout.purchaseId,
    type: "purchase.created",
    key: "created",
    data: { offer_id: offer.id, chain: checkout.chain, token: checkout.token },
    notify: false,
  });
  await moveCheckout(transaction, { id: checkout.id, from: ["awaiting_deposit", "paid", "expired"], to: "finalized" });
  // Deposits wake the purchase from here on, so nothing else would tell the checkout's workflow that it is over.
  await raiseWake(transaction, `checkout/${checkout.id}`);
  await raiseWake(transaction, subject);
}

function refuseUnpaid(checkout: Checkout, totals: DepositTotals, now: Date): void {
  if (totals.confirmed >= checkout.minimum) return;
  if (totals.confirmed + totals.observed === 0n && now >= checkout.expiresAt) throw new CheckoutExpired();
  throw new PaymentNotConfirmed({ ...totals, minimum: checkout.minimum });
}

async function registerKeys(
  needs: Pick<CheckoutNeeds, "masterKey">,
  transaction: Knex.Transaction,
  purchaseId: string,
): Promise<void> {
  await registerApiKey(transaction, {
    kind: "customer",
    subject: purchaseId,
    key: readCustomerKey(needs.masterKey, purchaseId),
  });
  await registerApiKey(transaction, {
    kind: "vendor",
    subject: purchaseId,
    key: readVendorKey(needs.masterKey, purchaseId),
  });
}

/** Only the key of the sale, and not after it was rotated: the session may be what leaked. */
async function shownKey(needs: CheckoutNeeds, purchase: Purchase): Promise<string | null> {
  const age = needs.clock.now() - purchase.createdAt.getTime();
  if (age >= KEY_SHOWN_FOR_MS) return null;
  const generation = await readGeneration(needs.database, { purchaseId: purchase.id, kind: "customer" });
  return generation === 1 ? readCustomerKey(needs.masterKey, purchase.id) : null;
}

/**
 * Waits up to `waitMs` for provisioning to end and returns the purchase as it then is: `provisioning` means "ask later", and the
 * work goes on whether anybody asks or not.
 */
export async function awaitProvisioned(
  needs: Pick<CheckoutNeeds, "database">,
  input: { readonly purchase: Purchase; readonly waitMs: number },
): Promise<Purchase> {
  const until = performance.now() + input.waitMs;
  let purchase = input.purchase;
  while (purchase.status === "provisioning" && performance.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    purchase = (await findPurchase(needs.database, purchase.id)) ?? purchase;
  }
  return purchase;
}
