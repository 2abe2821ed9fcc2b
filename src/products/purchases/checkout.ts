import type { Knex } from "knex";
import { GasTankLow } from "../../integrations/chains/errors.ts";
import type { AccountName } from "../../ledger/chart-of-accounts.ts";
import { accounts } from "../../ledger/chart-of-accounts.ts";
import { openAccount } from "../../ledger/open-account.ts";
import type { Nanodollars } from "../../money/nanodollars.ts";
import { formatDollars } from "../../money/nanodollars.ts";
import type { Clock } from "../../platform/clock.ts";
import { newId, randomSecret } from "../../platform/ids.ts";
import { hashSecret } from "../../platform/secret-hash.ts";
import type { MasterKey } from "../../platform/secrets.ts";
import { sealSecret } from "../../platform/secrets.ts";
import { raiseWake } from "../../platform/temporal/wake-store.ts";
import type { Checkout } from "./checkout-store.ts";
import { findCheckout, insertCheckout, moveCheckout } from "./checkout-store.ts";
import { CheckoutNotFound, PaymentMethodNotAccepted } from "./errors.ts";
import type { OfferKey } from "./offer-catalogue.ts";
import { readOffer } from "./offer-catalogue.ts";
import type { Offer } from "./offers.ts";
import { minimumDeposit } from "./offers.ts";
import { findPurchase } from "./purchase-store.ts";

/** One way to pay: a token on a chain this server watches. */
export type PaymentMethod = {
  readonly chain: string;
  readonly token: string;
  readonly tokenName: string;
  readonly tokenAddress: string;
  readonly decimals: number;
  readonly explorerUrl: string | null;
};

/** What came to a deposit address so far: confirmed is credited, observed is still waiting for confirmations. */
export type DepositTotals = { readonly confirmed: Nanodollars; readonly observed: Nanodollars };

/**
 * One deposit as told to the customer: money as decimal strings in dollars, null where a token has no known price; times as ISO 8601.
 * `note` says in words what `status` and `waiting_for` say in codes.
 */
export type ShownDeposit = {
  readonly id: string;
  readonly transaction_hash: string | null;
  readonly log_index: number | null;
  readonly from: string | null;
  readonly chain: string;
  readonly token: string | null;
  readonly token_address: string | null;
  readonly amount: string | null;
  readonly amount_units: string;
  readonly announced_units: string | null;
  readonly status: string;
  readonly credited: string;
  readonly account_kind: "balance" | "suspense" | "none";
  readonly refundable: boolean;
  readonly waiting_for: string | null;
  readonly note: string;
  readonly observed_at: string;
  readonly confirmed_at: string | null;
};

/** The money side of a checkout, given by the chains integration. No private key is behind any of it. */
export type Cashier = {
  readonly methods: readonly PaymentMethod[];
  /** Whether a method cannot be offered now, because its sweeps need native coin that the vendor wallet is short of. */
  readonly isPaused: (database: Knex, method: PaymentMethod) => Promise<boolean>;
  readonly allocateAddress: (
    transaction: Knex.Transaction,
    input: {
      readonly chain: string;
      readonly account: AccountName;
      readonly wakeSubject: string;
      readonly accepts?: readonly string[];
    },
  ) => Promise<{ readonly depositAddressId: string; readonly address: string }>;
  readonly readTotals: (database: Knex | Knex.Transaction, depositAddressId: string) => Promise<DepositTotals>;
  readonly listDeposits: (
    database: Knex | Knex.Transaction,
    depositAddressId: string,
  ) => Promise<readonly ShownDeposit[]>;
  /** Looks at the chain at once; `unknown` when it did not answer in time, and then absence proves nothing. */
  readonly lookNow: (chain: string, depositAddressId: string) => Promise<"current" | "unknown">;
  readonly redirectWakes: (
    transaction: Knex.Transaction,
    input: { readonly depositAddressId: string; readonly wakeSubject: string },
  ) => Promise<void>;
};

/** What the checkout functions need. */
export type CheckoutNeeds = {
  readonly database: Knex;
  readonly cashier: Cashier;
  readonly clock: Clock;
  readonly masterKey: MasterKey;
  readonly checkoutTtlSeconds: number;
};

/** What a buyer says about themselves; nothing of it is trusted for money or access. */
export type InitiateInput = {
  readonly offer: OfferKey;
  readonly chain: string | null;
  readonly token: string | null;
  readonly email: string | null;
  readonly orgId: string | null;
  readonly userId: string | null;
  readonly host: string | null;
  readonly orgApiKey: string | null;
  readonly tracer: string | null;
};

/** A checkout as just created: the only moment its session id is known in clear. */
export type InitiatedCheckout = {
  readonly checkout: Omit<Checkout, "status" | "finalizedAt">;
  readonly offer: Offer;
  readonly method: PaymentMethod;
  readonly sessionId: string;
};

/**
 * Opens a checkout: a fresh deposit address that no other checkout ever gets, the purchase's ledger account behind it, and the
 * workflow that watches over it, all in one transaction. Fails with `offer_not_found`, `payment_method_not_accepted` or `gas_tank_low`.
 * Source: seed 000, "Purchase Checkout" 2.
 */
export async function initiateCheckout(needs: CheckoutNeeds, input: InitiateInput): Promise<InitiatedCheckout> {
  const offer = await readOffer(needs, input.offer);
  const method = await chooseMethod(needs, { offer, asked: input });
  const sessionId = randomSecret("ses");
  const id = newId("chk");
  const purchaseId = newId("pur");
  const subject = `checkout/${id}`;
  const checkout = await needs.database.transaction(async (transaction) => {
    const account = accounts.purchase(purchaseId);
    await openAccount(transaction, { account });
    const deposit = await needs.cashier.allocateAddress(transaction, {
      chain: method.chain,
      account,
      wakeSubject: subject,
      accepts: offer.terms.tokens,
    });
    const draft = {
      id,
      purchaseId,
      offerId: offer.id,
      chain: method.chain,
      token: method.token,
      depositAddressId: deposit.depositAddressId,
      depositAddress: deposit.address,
      minimum: minimumDeposit(offer),
      terms: offer.terms,
      tracer: input.tracer ?? newId("trc"),
      email: input.email,
      orgId: input.orgId,
      userId: input.userId,
      host: input.host,
      orgApiKeySealed: input.orgApiKey === null ? null : sealSecret(needs.masterKey, "org-api-key", input.orgApiKey),
      expiresAt: new Date(needs.clock.now() + needs.checkoutTtlSeconds * 1000),
    };
    await insertCheckout(transaction, draft, hashSecret(sessionId));
    await raiseWake(transaction, subject);
    return draft;
  });
  return { checkout, offer, method, sessionId };
}

/** The accepted methods of an offer on this server, in the order they are offered. */
export function acceptedMethods(methods: readonly PaymentMethod[], offer: Offer): readonly PaymentMethod[] {
  const { tokens, chains } = offer.terms;
  return methods.filter(
    (method) => tokens.some((token) => token === method.token) && (chains?.includes(method.chain) ?? true),
  );
}

async function chooseMethod(
  { database, cashier }: Pick<CheckoutNeeds, "database" | "cashier">,
  { offer, asked }: { readonly offer: Offer; readonly asked: Pick<InitiateInput, "chain" | "token"> },
): Promise<PaymentMethod> {
  const accepted = acceptedMethods(cashier.methods, offer);
  const fitting = accepted.filter(
    (method) =>
      (asked.chain === null || method.chain === asked.chain) && (asked.token === null || method.token === asked.token),
  );
  const [first] = fitting;
  if (first === undefined)
    throw new PaymentMethodNotAccepted(accepted.map((method) => `${method.token} on ${method.chain}`));
  for (const method of fitting) if (!(await cashier.isPaused(database, method))) return method;
  throw new GasTankLow(first);
}

/**
 * Finds a checkout by the session id its creator holds; with `offerId`, as the paths that name an offer give it, only a checkout of
 * that offer. Throws `checkout_not_found`.
 */
export async function openSession(
  needs: Pick<CheckoutNeeds, "database">,
  { sessionId, offerId }: { readonly sessionId: string; readonly offerId?: string | undefined },
): Promise<Checkout> {
  const checkout = await findCheckout(needs.database, { sessionHash: hashSecret(sessionId) });
  if (checkout === null) throw new CheckoutNotFound();
  if (offerId !== undefined && offerId !== checkout.offerId) throw new CheckoutNotFound();
  return checkout;
}

/** Where the money of a checkout is. `received` needs no more: it may be finalized. */
export type PaymentState = DepositTotals & {
  readonly status: "awaiting_deposit" | "observed" | "underpaid" | "received" | "expired";
};

/**
 * Says whether a checkout is paid, by confirmed transfers and never by a wallet balance, after asking the chain once more. A chain
 * that does not answer changes nothing: what is known is told. Source: seed 000, "Purchase Checkout" 4.
 */
export async function validateCheckout(needs: CheckoutNeeds, checkout: Checkout): Promise<PaymentState> {
  if (checkout.status !== "finalized") await needs.cashier.lookNow(checkout.chain, checkout.depositAddressId);
  const totals = await needs.cashier.readTotals(needs.database, checkout.depositAddressId);
  return { ...totals, status: paymentStatus(checkout, totals, new Date(needs.clock.now())) };
}

/** Names the state of a checkout's money; pure. */
export function paymentStatus(
  checkout: Pick<Checkout, "minimum" | "expiresAt">,
  totals: DepositTotals,
  now: Date,
): PaymentState["status"] {
  if (totals.confirmed >= checkout.minimum) return "received";
  if (totals.confirmed + totals.observed >= checkout.minimum) return "observed";
  if (totals.confirmed + totals.observed > 0n) return "underpaid";
  return now >= checkout.expiresAt ? "expired" : "awaiting_deposit";
}

/** What the checkout workflow should do next, after writing down what the database and the ledger say now. */
export async function reviewCheckout(
  needs: Pick<CheckoutNeeds, "database" | "cashier" | "clock">,
  input: { readonly checkoutId: string },
) {
  const checkout = await findCheckout(needs.database, { id: input.checkoutId });
  if (checkout === null)
    return { status: "unknown", next: "done" as const, deadline: null, details: "No such checkout." };
  const totals = await needs.cashier.readTotals(needs.database, checkout.depositAddressId);
  const payment = paymentStatus(checkout, totals, new Date(needs.clock.now()));
  const money = `${formatDollars(totals.confirmed)} USD confirmed, ${formatDollars(totals.observed)} USD waiting for confirmations, minimum ${formatDollars(checkout.minimum)} USD`;
  const where = `Deposit address \`${checkout.depositAddress}\` (${checkout.token} on ${checkout.chain}): ${money}.`;
  if (checkout.status === "finalized") {
    const purchase = await findPurchase(needs.database, checkout.purchaseId);
    return {
      status: "finalized",
      next: "done" as const,
      deadline: null,
      details: `${where}\n\nBecame purchase/${purchase?.id}.`,
    };
  }
  if (payment === "received") {
    await moveCheckout(needs.database, { id: checkout.id, from: ["awaiting_deposit", "expired"], to: "paid" });
    return {
      status: "paid",
      next: "wait" as const,
      deadline: null,
      details: `${where}\n\nPaid. Waits for the customer to finalize.`,
    };
  }
  if (payment === "expired") {
    await moveCheckout(needs.database, { id: checkout.id, from: ["awaiting_deposit"], to: "expired" });
    return {
      status: "expired",
      next: "done" as const,
      deadline: null,
      details: `${where}\n\nExpired without a deposit.`,
    };
  }
  const deadline = needs.clock.now() < checkout.expiresAt.getTime() ? checkout.expiresAt.toISOString() : null;
  return { status: payment, next: "wait" as const, deadline, details: `${where}\n\nWaits for money.` };
}
