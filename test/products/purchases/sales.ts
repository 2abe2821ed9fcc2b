import { requestSweeps } from "../../../src/integrations/chains/sweeps/sweep-request-store.ts";
import { accounts } from "../../../src/ledger/chart-of-accounts.ts";
import { depositConfirmed } from "../../../src/ledger/postings/deposits.ts";
import { usageMetered } from "../../../src/ledger/postings/usage.ts";
import { parseDollars } from "../../../src/money/nanodollars.ts";
import { newId } from "../../../src/platform/ids.ts";
import type { LifecycleNeeds } from "../../../src/products/purchases/advance-purchase.ts";
import { advancePurchase } from "../../../src/products/purchases/advance-purchase.ts";
import { readVendorKey } from "../../../src/products/purchases/billing-keys.ts";
import { reserveBucket, saveBucketCredentials } from "../../../src/products/purchases/bucket-store.ts";
import type { CheckoutNeeds, InitiateInput } from "../../../src/products/purchases/checkout.ts";
import { initiateCheckout } from "../../../src/products/purchases/checkout.ts";
import type { Checkout } from "../../../src/products/purchases/checkout-store.ts";
import { findCheckout } from "../../../src/products/purchases/checkout-store.ts";
import { sealCredentials } from "../../../src/products/purchases/credentials.ts";
import type { FinalizedPurchase, FinalizeInput } from "../../../src/products/purchases/finalize.ts";
import { finalizeCheckout } from "../../../src/products/purchases/finalize.ts";
import { finishPhase } from "../../../src/products/purchases/finish-phase.ts";
import type { TestApp } from "../../support/app.ts";

/** The one offer of the data file. */
export const OFFER = "aws-s3-storage";

/** How long grace lasts in these tests. */
export const GRACE_SECONDS = 3_600;

/** A checkout with the session id that only its buyer knows. */
export type Session = { readonly sessionId: string; readonly checkout: Checkout };

/** A purchase with everything its parties hold. */
export type Sale = Session & {
  readonly purchaseId: string;
  readonly customerKey: string;
  readonly vendorKey: string;
};

/** What the checkout functions need, from the app under test. */
export function checkoutNeeds(app: TestApp, change: Partial<CheckoutNeeds> = {}): CheckoutNeeds {
  return { ...app.context, checkoutTtlSeconds: 3_600, ...change };
}

/** What the lifecycle functions need, as the worker gives it. */
export function lifecycleNeeds(app: TestApp): LifecycleNeeds {
  return { ...app.context, graceSeconds: GRACE_SECONDS, requestSweeps };
}

/** Opens a checkout of the one offer. */
export async function initiate(app: TestApp, change: Partial<InitiateInput> = {}): Promise<Session> {
  const nobody = { email: null, orgId: null, userId: null, host: null, orgApiKey: null };
  const made = await initiateCheckout(checkoutNeeds(app), {
    offer: { id: OFFER },
    chain: null,
    token: null,
    ...nobody,
    tracer: null,
    ...change,
  });
  const checkout = await findCheckout(app.database, { id: made.checkout.id });
  if (checkout === null) throw new Error("the checkout was not stored");
  return { sessionId: made.sessionId, checkout };
}

/** Pays whole millionths of a dollar to a checkout's address and lets the watcher see it. */
export async function pay(app: TestApp, session: Session, dollars: string): Promise<string> {
  const hash = app.chain.pay({ to: session.checkout.depositAddress, units: parseDollars(dollars) / 1_000n });
  await app.watch();
  return hash;
}

/** A checkout whose deposit is confirmed. */
export async function paidSession(app: TestApp, dollars = "5"): Promise<Session> {
  const session = await initiate(app);
  await pay(app, session, dollars);
  return session;
}

/** Finalizes as the session's own buyer, who says nothing more. */
export function finalize(
  app: TestApp,
  session: Session,
  change: Partial<FinalizeInput> = {},
): Promise<FinalizedPurchase> {
  const buyer = { orgId: null, orgHost: null, userId: null };
  const input = { checkout: session.checkout, officexPurchaseId: null, buyer, ...change };
  return finalizeCheckout(checkoutNeeds(app), input);
}

/** A paid purchase that is still being provisioned. */
export async function sellUnprovisioned(app: TestApp, dollars = "5"): Promise<Sale> {
  const session = await paidSession(app, dollars);
  const { purchase, customerKey } = await finalize(app, session);
  if (customerKey === null) throw new Error("the customer key was not shown");
  const vendorKey = readVendorKey(app.context.masterKey, purchase.id);
  return { ...session, purchaseId: purchase.id, customerKey, vendorKey };
}

/** A purchase of `dollars` that is active. */
export async function sell(app: TestApp, dollars = "5"): Promise<Sale> {
  const sale = await sellUnprovisioned(app, dollars);
  await provision(app, sale.purchaseId);
  return sale;
}

/** Does what the worker's provisioning steps leave behind, without an object store. */
export async function provision(app: TestApp, purchaseId: string): Promise<void> {
  const bucket = `b-${purchaseId.replaceAll("_", "-")}`;
  const place = { region: "us-east-1", endpoint: "http://s3.example" };
  await reserveBucket(app.database, { purchaseId, bucket, userName: bucket, ...place });
  const credentialsSealed = sealCredentials(app.context.masterKey, {
    accessKeyId: bucket,
    secretAccessKey: `secret-of-${purchaseId}`,
  });
  await saveBucketCredentials(app.database, { purchaseId, credentialsSealed });
  await finishPhase(lifecycleNeeds(app), { purchaseId, phase: "provision" });
}

/** One evaluation of the purchase, as its workflow asks for. */
export function advance(app: TestApp, sale: Pick<Sale, "purchaseId">) {
  return advancePurchase(lifecycleNeeds(app), { purchaseId: sale.purchaseId });
}

/** Brings a purchase through exhaustion and grace to `terminating`. Moves the app's clock. */
export async function exhaust(app: TestApp, sale: Sale, dollars: string): Promise<void> {
  await charge(app, sale, dollars);
  await advance(app, sale);
  app.clock.offsetMs += GRACE_SECONDS * 1_000;
  await advance(app, sale);
}

let charges = 0;

/** Charges an amount as metering does, under an event id of its own. */
export async function charge(app: TestApp, sale: Pick<Sale, "purchaseId">, dollars: string) {
  charges += 1;
  const draft = usageMetered({
    account: accounts.purchase(sale.purchaseId),
    family: "purchases",
    eventId: `charge-${charges}`,
    amount: parseDollars(dollars),
    quantity: "1",
    unit: "x",
  });
  return app.context.ledger.post(draft);
}

/** Credits an amount as a deposit does, straight in the ledger. */
export async function refill(app: TestApp, sale: Pick<Sale, "purchaseId">, dollars: string): Promise<void> {
  const account = accounts.purchase(sale.purchaseId);
  const place = { chain: "local", token: "USDC", transactionId: newId("tx"), logIndex: 0 };
  await app.context.ledger.post(depositConfirmed({ ...place, account, amount: parseDollars(dollars) }));
}

/** The sequence of a wake: how often its workflow was told to look. 0 when never. */
export async function wakes(app: TestApp, subject: string): Promise<number> {
  const row: { seq: string } | undefined = await app.database("wakes").where({ subject }).first("seq");
  return Number(row?.seq ?? 0);
}

/** Events of a purchase by type, oldest first. */
export async function eventTypes(app: TestApp, sale: Pick<Sale, "purchaseId">): Promise<readonly string[]> {
  const rows: { type: string }[] = await app
    .database("purchase_events")
    .where("purchase_id", sale.purchaseId)
    .orderBy(["occurred_at", "id"])
    .select("type");
  return rows.map(({ type }) => type);
}
