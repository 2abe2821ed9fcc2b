import type { Knex } from "knex";
import type { Nanodollars } from "../../../money/nanodollars.ts";
import { formatDollars } from "../../../money/nanodollars.ts";
import { dueReminder } from "../grace-reminders.ts";
import type { LifecycleDecision } from "../lifecycle.ts";
import type { Purchase } from "../purchase-store.ts";
import { smallestRefund } from "../remainder.ts";
import { announce } from "./announce.ts";

/** A purchase before a decision, and the decision. `balance` is what is available. */
export type Stage = {
  readonly purchase: Purchase;
  readonly decision: LifecycleDecision;
  readonly balance: Nanodollars;
  readonly now: Date;
};

/** Tells the customer which stage a decision brought: recovered, reminded, terminating, terminated. Each exactly once, by its key. */
export async function tellStage(transaction: Knex.Transaction, stage: Stage): Promise<void> {
  const { purchase, decision } = stage;
  if (decision.status === "terminating" && purchase.status !== "terminating") await tellTerminating(transaction, stage);
  if (decision.status === "terminated" && purchase.status !== "terminated") await tellTerminated(transaction, stage);
  if (decision.status === "grace") await tellReminder(transaction, stage);
  const isRecovered = ["active", "low", "critical", "suspended"].includes(decision.status);
  if (purchase.status === "grace" && isRecovered) await tellRecovered(transaction, stage);
}

/** Names one termination by the state it ended: one that was called back and begins again is told again. Pure. */
export function terminationKey({ statusSince }: Pick<Purchase, "statusSince">): string {
  return `terminating:${statusSince.toISOString()}`;
}

/** Tells that everything is deleted and what is left in the balance, with the least that would have been sent back. */
export async function tellTerminated(
  transaction: Knex.Transaction,
  { purchase, balance }: Pick<Stage, "purchase" | "balance">,
): Promise<void> {
  await announce(transaction, {
    purchaseId: purchase.id,
    type: "purchase.terminated",
    key: "terminated",
    data: {
      balance: formatDollars(balance),
      ...(balance > 0n ? { smallest_refund: formatDollars(smallestRefund(purchase.terms)) } : {}),
    },
  });
}

async function tellTerminating(transaction: Knex.Transaction, { purchase }: Stage): Promise<void> {
  await announce(transaction, {
    purchaseId: purchase.id,
    type: "purchase.terminating",
    key: terminationKey(purchase),
    data: { reason: "out_of_balance" },
  });
}

async function tellRecovered(transaction: Knex.Transaction, { purchase, decision }: Stage): Promise<void> {
  await announce(transaction, {
    purchaseId: purchase.id,
    type: "purchase.recovered",
    key: `recovered:${purchase.statusSince.toISOString()}`,
    data: { status: decision.status },
  });
}

async function tellReminder(transaction: Knex.Transaction, { purchase, decision, balance, now }: Stage): Promise<void> {
  const { graceStartedAt: startedAt, graceEndsAt: endsAt } = decision;
  if (startedAt === null || endsAt === null) return;
  const reminder = dueReminder({ startedAt, endsAt }, now);
  if (reminder === null) return;
  await announce(transaction, {
    purchaseId: purchase.id,
    type: "purchase.grace_reminder",
    key: reminder.key,
    data: { grace_ends_at: endsAt.toISOString(), balance: formatDollars(balance) },
  });
}
