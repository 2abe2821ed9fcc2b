import type { Knex } from "knex";
import { readBalance } from "../../ledger/balances.ts";
import { accounts } from "../../ledger/chart-of-accounts.ts";
import type { Crossing } from "../../ledger/crossings.ts";
import { listCrossings } from "../../ledger/crossings.ts";
import { formatDollars } from "../../money/nanodollars.ts";
import type { Clock } from "../../platform/clock.ts";
import { announce } from "./announce.ts";
import type { TriggerName } from "./balance-triggers.ts";
import { TRIGGER_NAMES } from "./balance-triggers.ts";
import { findCheckout } from "./checkout-store.ts";
import { PurchaseNotFound } from "./errors.ts";
import { findEventKeys } from "./event-store.ts";
import type { LifecycleDecision } from "./lifecycle.ts";
import { decideLifecycle, describeLifecycle } from "./lifecycle.ts";
import { offerKind } from "./offer-kinds/registry.ts";
import type { Purchase } from "./purchase-store.ts";
import { findPurchase, updatePurchase } from "./purchase-store.ts";

/** What the lifecycle functions need. `requestSweeps` wakes a sweep for every confirmed deposit of the address not yet swept. */
export type LifecycleNeeds = {
  readonly database: Knex;
  readonly clock: Clock;
  readonly graceSeconds: number;
  readonly requestSweeps: (transaction: Knex.Transaction, depositAddressId: string) => Promise<void>;
};

/**
 * Brings a purchase's row up to what the ledger says and tells its workflow what is next. One transaction on the locked row: status,
 * grace deadline, one timeline event and one notice per crossing ever recorded, sweeps for deposits whose product is there. Running
 * it twice, or after a kill at any line, changes nothing more.
 */
export async function advancePurchase(needs: LifecycleNeeds, input: { readonly purchaseId: string }) {
  return needs.database.transaction(async (transaction) => {
    const purchase = await findPurchase(transaction, input.purchaseId, { lock: true });
    if (purchase === null) throw new PurchaseNotFound();
    const account = accounts.purchase(purchase.id);
    const balance = await readBalance(transaction, account);
    const now = new Date(needs.clock.now());
    const decision = decideLifecycle({
      status: purchase.status,
      graceEndsAt: purchase.graceEndsAt,
      crossed: new Set(
        TRIGGER_NAMES.filter((name) => balance.thresholds.some((level) => level.name === name && !level.armed)),
      ),
      graceSeconds: purchase.terms.grace_seconds ?? needs.graceSeconds,
      now,
    });
    await updatePurchase(transaction, {
      id: purchase.id,
      status: decision.status,
      graceEndsAt: decision.graceEndsAt,
      evaluatedSequence: BigInt(balance.sequence),
    });
    await recordCrossings(transaction, purchase, await listCrossings(transaction, account));
    await recordRecovery(transaction, purchase, decision);
    if (purchase.status !== "provisioning") await sweepDeposits(needs, transaction, purchase);
    return toView(purchase, decision, { balance: formatDollars(balance.available), now });
  });
}

async function recordCrossings(
  transaction: Knex.Transaction,
  purchase: Purchase,
  crossings: readonly Crossing[],
): Promise<void> {
  if (crossings.length === 0) return;
  // A purchase may have crossed a thousand times; only what is new may cost a statement.
  const known = await findEventKeys(transaction, { purchaseId: purchase.id, keys: crossings.map(crossingKey) });
  for (const crossing of crossings.filter((candidate) => !known.has(crossingKey(candidate)))) {
    await announce(transaction, {
      purchaseId: purchase.id,
      type: EVENT_TYPES[asTrigger(crossing.name)],
      key: crossingKey(crossing),
      data: {
        balance: formatDollars(crossing.balance),
        trigger: triggerLevel(purchase, asTrigger(crossing.name)),
        epoch: crossing.epoch,
      },
    });
  }
}

function crossingKey(crossing: Crossing): string {
  return `crossing:${crossing.name}:${crossing.epoch}`;
}

async function recordRecovery(
  transaction: Knex.Transaction,
  purchase: Purchase,
  decision: LifecycleDecision,
): Promise<void> {
  if (decision.status === "terminating" && purchase.status !== "terminating") {
    await announce(transaction, {
      purchaseId: purchase.id,
      type: "purchase.terminating",
      key: "terminating",
      data: {},
    });
  }
  if (purchase.status === "grace" && decision.next === "wait" && decision.status !== "grace") {
    const graceEndedAt = purchase.graceEndsAt?.toISOString() ?? "";
    await announce(transaction, {
      purchaseId: purchase.id,
      type: "purchase.recovered",
      key: `recovered:${graceEndedAt}`,
      data: { status: decision.status },
    });
  }
}

const EVENT_TYPES: Readonly<Record<TriggerName, string>> = {
  low: "purchase.balance_low",
  critical: "purchase.balance_critical",
  termination: "purchase.balance_exhausted",
};

function asTrigger(name: string): TriggerName {
  const found = TRIGGER_NAMES.find((candidate) => candidate === name);
  if (found === undefined) throw new Error(`a purchase account has an unknown threshold: ${name}`);
  return found;
}

function triggerLevel(purchase: Purchase, name: TriggerName): string {
  return formatDollars(purchase.triggers[name]);
}

async function sweepDeposits(needs: LifecycleNeeds, transaction: Knex.Transaction, purchase: Purchase): Promise<void> {
  const checkout = await findCheckout(transaction, { id: purchase.checkoutId });
  if (checkout !== null) await needs.requestSweeps(transaction, checkout.depositAddressId);
}

/** The balance is told with its time: usage between two thresholds wakes nobody, so the words stay while the balance goes on. */
function toView(
  purchase: Purchase,
  decision: LifecycleDecision,
  seen: { readonly balance: string; readonly now: Date },
) {
  const kind = offerKind(purchase.kind);
  const steps = stepsOf(kind, decision.next);
  const triggers = {
    low: triggerLevel(purchase, "low"),
    critical: triggerLevel(purchase, "critical"),
    termination: triggerLevel(purchase, "termination"),
  };
  return {
    status: decision.status,
    next: decision.next,
    steps: steps.map((step) => ({ name: step.name, summary: step.summary, long: step.long === true })),
    deadline: decision.graceEndsAt?.toISOString() ?? null,
    details: `${purchase.title} (\`${purchase.id}\`)\n\nBalance **${seen.balance} USD** at ${seen.now.toISOString()}. ${describeLifecycle(decision.status, triggers, decision.graceEndsAt)}`,
  };
}

/**
 * Writes down that all steps of a phase are done: provisioned purchases become active and their deposits are swept, terminated ones
 * are closed. Idempotent; out of order it changes nothing.
 */
export async function finishPhase(
  needs: LifecycleNeeds,
  input: { readonly purchaseId: string; readonly phase: "provision" | "terminate" },
): Promise<void> {
  await needs.database.transaction(async (transaction) => {
    const purchase = await findPurchase(transaction, input.purchaseId, { lock: true });
    if (purchase === null) throw new PurchaseNotFound();
    if (input.phase === "provision" && purchase.status === "provisioning") {
      await updatePurchase(transaction, { id: purchase.id, status: "active", graceEndsAt: null });
      await announce(transaction, { purchaseId: purchase.id, type: "purchase.active", key: "active", data: {} });
    }
    if (input.phase === "terminate" && purchase.status === "terminating") {
      const balance = await readBalance(transaction, accounts.purchase(purchase.id));
      await updatePurchase(transaction, { id: purchase.id, status: "terminated", graceEndsAt: purchase.graceEndsAt });
      const data = { balance: formatDollars(balance.available) };
      await announce(transaction, { purchaseId: purchase.id, type: "purchase.terminated", key: "terminated", data });
    }
  });
}

function stepsOf(kind: ReturnType<typeof offerKind>, next: LifecycleDecision["next"]) {
  if (next === "provision") return kind.provision;
  return next === "terminate" ? kind.terminate : [];
}
