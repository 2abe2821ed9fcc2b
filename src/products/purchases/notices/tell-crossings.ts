import type { Knex } from "knex";
import { accounts } from "../../../ledger/chart-of-accounts.ts";
import type { Crossing } from "../../../ledger/crossings.ts";
import { CROSSINGS_PAGE, listCrossings } from "../../../ledger/crossings.ts";
import { formatDollars } from "../../../money/nanodollars.ts";
import type { TriggerName } from "../balance-triggers.ts";
import { TRIGGER_NAMES } from "../balance-triggers.ts";
import type { Purchase } from "../purchase-store.ts";
import { announce } from "./announce.ts";

const EVENT_TYPES: Readonly<Record<TriggerName, string>> = {
  low: "purchase.balance_low",
  critical: "purchase.balance_critical",
  termination: "purchase.balance_exhausted",
};

/**
 * Tells every crossing that was not told yet, each exactly once, however many there are: the ledger is read from the last epochs on.
 * Answers how far it has told, for the purchase's row; inside the transaction that holds that row.
 */
export async function tellCrossings(
  transaction: Knex.Transaction,
  purchase: Pick<Purchase, "id" | "toldEpochs">,
): Promise<Readonly<Record<string, number>>> {
  const account = accounts.purchase(purchase.id);
  let told = purchase.toldEpochs;
  for (;;) {
    const page = await listCrossings(transaction, account, told);
    for (const crossing of page) await tellCrossing(transaction, purchase.id, crossing);
    told = advanceEpochs(told, page);
    if (page.length < CROSSINGS_PAGE) return told;
  }
}

async function tellCrossing(transaction: Knex.Transaction, purchaseId: string, crossing: Crossing): Promise<void> {
  await announce(transaction, {
    purchaseId,
    type: EVENT_TYPES[asTrigger(crossing.name)],
    key: `crossing:${crossing.name}:${crossing.epoch}`,
    data: {
      balance: formatDollars(crossing.balance),
      trigger: formatDollars(crossing.level),
      epoch: crossing.epoch,
    },
  });
}

function advanceEpochs(
  told: Readonly<Record<string, number>>,
  page: readonly Crossing[],
): Readonly<Record<string, number>> {
  const next: Record<string, number> = { ...told };
  for (const { name, epoch } of page) next[name] = Math.max(next[name] ?? 0, epoch);
  return next;
}

function asTrigger(name: string): TriggerName {
  const found = TRIGGER_NAMES.find((candidate) => candidate === name);
  if (found === undefined) throw new Error(`a purchase account has an unknown threshold: ${name}`);
  return found;
}
