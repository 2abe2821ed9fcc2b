import type { Knex } from "knex";
import type { Balance } from "../../ledger/balances.ts";
import { readBalance, readLockedBalance } from "../../ledger/balances.ts";
import { accounts } from "../../ledger/chart-of-accounts.ts";
import { formatDollars } from "../../money/nanodollars.ts";
import type { Clock } from "../../platform/clock.ts";
import { clearParked } from "../../platform/temporal/parked-workflow-store.ts";
import { TRIGGER_NAMES } from "./balance-triggers.ts";
import { findCheckout } from "./checkout-store.ts";
import { PurchaseNotFound } from "./errors.ts";
import { nextLookAt } from "./grace-reminders.ts";
import type { LifecycleDecision } from "./lifecycle.ts";
import { decideLifecycle, describeLifecycle, isEnding } from "./lifecycle.ts";
import { tellCrossings } from "./notices/tell-crossings.ts";
import { tellDeposits } from "./notices/tell-deposits.ts";
import { tellStage } from "./notices/tell-stage.ts";
import { offerSteps } from "./offer-kinds/registry.ts";
import type { Purchase } from "./purchase-store.ts";
import { findPurchase, updatePurchase } from "./purchase-store.ts";
import type { RemainderNeeds } from "./remainder.ts";
import { settleRemainder } from "./remainder.ts";

/** What the lifecycle functions need. `requestSweeps` wakes a sweep for every confirmed deposit of the address not yet swept. */
export type LifecycleNeeds = RemainderNeeds & {
  readonly database: Knex;
  readonly clock: Clock;
  readonly graceSeconds: number;
  readonly requestSweeps: (transaction: Knex.Transaction, depositAddressId: string) => Promise<void>;
};

/** Refunds under way are looked at this often, beside the wakes. */
const REFUND_LOOK_MS = 30_000;

/**
 * Brings a purchase's row up to what the ledger says and tells its workflow what is next. One transaction on the locked row: status,
 * grace, one notice per crossing ever recorded and per stage reached, sweeps for deposits whose product is there. Running it twice, or
 * after a kill at any line, changes nothing more. Throws `purchase_not_found`.
 */
export async function advancePurchase(needs: LifecycleNeeds, input: { readonly purchaseId: string }) {
  return needs.database.transaction(async (transaction) => {
    const purchase = await findPurchase(transaction, input.purchaseId, { lock: true });
    if (purchase === null) throw new PurchaseNotFound();
    const now = new Date(needs.clock.now());
    const { balance, decision } = await decide(needs, transaction, { purchase, now });
    await updatePurchase(transaction, {
      id: purchase.id,
      status: decision.status,
      graceStartedAt: decision.graceStartedAt,
      graceEndsAt: decision.graceEndsAt,
      ...(decision.status === "terminating" ? { endReason: "out_of_balance" as const } : {}),
      // Of a purchase that ends the balance falls by its own refunds: no news to anybody.
      ...(isEnding(purchase.status) ? {} : { toldEpochs: await tellCrossings(transaction, purchase) }),
      evaluatedSequence: BigInt(balance.sequence),
    });
    await tellStage(transaction, { purchase, decision, balance: balance.available, now });
    // A run that was terminated while it was parked left its note behind.
    if (decision.next === "wait" || decision.next === "done") await clearParked(transaction, `purchase/${purchase.id}`);
    if (purchase.status !== "provisioning") await sweepDeposits(needs, transaction, purchase);
    return toView(purchase, decision, { balance: formatDollars(balance.available), now });
  });
}

/**
 * The last safe moment of a top-up: before termination is written the balance is read once more under the ledger's own lock, so money
 * that was committed by then saves the purchase, and money that comes later finds it terminating and is sent back.
 */
async function decide(
  needs: LifecycleNeeds,
  transaction: Knex.Transaction,
  input: { readonly purchase: Purchase; readonly now: Date },
): Promise<{ readonly balance: Balance; readonly decision: LifecycleDecision }> {
  const { purchase } = input;
  const account = accounts.purchase(purchase.id);
  const first = await decideOn(needs, transaction, { ...input, balance: await readBalance(transaction, account) });
  if (first.decision.status !== "terminating" || isEnding(purchase.status)) return first;
  return decideOn(needs, transaction, { ...input, balance: await readLockedBalance(transaction, account) });
}

async function decideOn(
  needs: LifecycleNeeds,
  transaction: Knex.Transaction,
  input: { readonly purchase: Purchase; readonly balance: Balance; readonly now: Date },
): Promise<{ readonly balance: Balance; readonly decision: LifecycleDecision }> {
  const { purchase, balance, now } = input;
  const decision = decideLifecycle({
    status: purchase.status,
    access: purchase.access,
    graceStartedAt: purchase.graceStartedAt,
    graceEndsAt: purchase.graceEndsAt,
    crossed: new Set(
      TRIGGER_NAMES.filter((name) => balance.thresholds.some((level) => level.name === name && !level.armed)),
    ),
    graceSeconds: purchase.terms.grace_seconds ?? needs.graceSeconds,
    suspendsAtCritical: purchase.terms.suspend_at === "critical",
    remainder: await settleRemainder(needs, transaction, { purchase, available: balance.available }),
    now,
  });
  return { balance, decision };
}

async function sweepDeposits(needs: LifecycleNeeds, transaction: Knex.Transaction, purchase: Purchase): Promise<void> {
  const checkout = await findCheckout(transaction, { id: purchase.checkoutId });
  if (checkout === null) return;
  const { depositAddressId } = checkout;
  await needs.requestSweeps(transaction, depositAddressId);
  await tellDeposits(transaction, { purchaseId: purchase.id, depositAddressId });
}

/** The balance is told with its time: usage between two thresholds wakes nobody, so the words stay while the balance goes on. */
function toView(
  purchase: Purchase,
  decision: LifecycleDecision,
  seen: { readonly balance: string; readonly now: Date },
) {
  const { low, critical, termination } = purchase.triggers;
  const triggers = {
    low: formatDollars(low),
    critical: formatDollars(critical),
    termination: formatDollars(termination),
  };
  const isGrace = decision.status === "grace" || decision.status === "terminating";
  return {
    status: decision.status,
    next: decision.next,
    steps: offerSteps(purchase.kind, decision.next).map((step) => ({
      name: step.name,
      summary: step.summary,
      long: step.long === true,
    })),
    deadline: isGrace ? (decision.graceEndsAt?.toISOString() ?? null) : null,
    lookAgainAt: lookAgainAt(decision, seen.now)?.toISOString() ?? null,
    details: `${purchase.title} (\`${purchase.id}\`)\n\nBalance **${seen.balance} USD** at ${seen.now.toISOString()}. ${describeLifecycle(decision.status, triggers, decision.graceEndsAt)}`,
  };
}

function lookAgainAt({ status, graceStartedAt, graceEndsAt }: LifecycleDecision, now: Date): Date | null {
  if (status === "refunding") return new Date(now.getTime() + REFUND_LOOK_MS);
  if (status !== "grace" || graceEndsAt === null) return null;
  return graceStartedAt === null ? graceEndsAt : nextLookAt({ startedAt: graceStartedAt, endsAt: graceEndsAt }, now);
}
