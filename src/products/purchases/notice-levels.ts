import type { Knex } from "knex";
import { accounts } from "../../ledger/chart-of-accounts.ts";
import { setThresholds } from "../../ledger/open-account.ts";
import type { Nanodollars } from "../../money/nanodollars.ts";
import { formatDollars, MAXIMUM_AMOUNT } from "../../money/nanodollars.ts";
import { newId } from "../../platform/ids.ts";
import { raiseWake } from "../../platform/temporal/wake-store.ts";
import type { BalanceTriggers } from "./balance-triggers.ts";
import { PurchaseNotFound, PurchaseTerminated } from "./errors.ts";
import { insertEvent } from "./event-store.ts";
import { isEnding } from "./lifecycle.ts";
import { InvalidNoticeLevels } from "./lifecycle-errors.ts";
import type { Purchase } from "./purchase-store.ts";
import { findPurchase, setNoticeLevelRow } from "./purchase-store.ts";

/** The levels a customer chooses; the termination level is the vendor's. */
export type NoticeLevels = { readonly low: Nanodollars; readonly critical: Nanodollars };

/**
 * Sets at which balances the customer is told, in the purchase's row and in the ledger in one transaction: a level that did not change
 * keeps its state, one at or above the balance is crossed at once. The same levels again change nothing. Answers all three levels and the
 * names crossed at once. Throws `invalid_notice_levels` with the broken rule, `purchase_not_found` and `purchase_terminated`.
 */
export async function setNoticeLevels(
  needs: { readonly database: Knex },
  input: { readonly purchaseId: string; readonly levels: NoticeLevels },
): Promise<{ readonly triggers: BalanceTriggers; readonly crossed: readonly string[] }> {
  return needs.database.transaction(async (transaction) => {
    const purchase = await findPurchase(transaction, input.purchaseId, { lock: true });
    if (purchase === null) throw new PurchaseNotFound();
    if (isEnding(purchase.status)) throw new PurchaseTerminated();
    const triggers = { ...input.levels, termination: purchase.triggers.termination };
    const rule = brokenRule(purchase, triggers);
    if (rule !== null) throw new InvalidNoticeLevels(rule, spellOut(triggers));
    if (isSame(purchase.triggers, triggers)) return { triggers, crossed: [] };
    const { low, critical } = triggers;
    await setNoticeLevelRow(transaction, { id: purchase.id, low, critical });
    const crossed = await setThresholds(transaction, {
      account: accounts.purchase(purchase.id),
      thresholds: [
        { name: "low", level: low },
        { name: "critical", level: critical },
        { name: "termination", level: triggers.termination },
      ],
    });
    const id = newId("evt");
    const event = { id, purchaseId: purchase.id, type: "purchase.notice_levels_set", key: `notice-levels:${id}` };
    await insertEvent(transaction, { ...event, data: spellOut(triggers), notify: false });
    // A level that was lowered may have ended a warning, which no crossing tells.
    await raiseWake(transaction, `purchase/${purchase.id}`);
    return { triggers, crossed };
  });
}

/** The rule that levels break, in words; null when they keep all. Pure. */
export function brokenRule(purchase: Pick<Purchase, "triggers" | "terms">, levels: BalanceTriggers): string | null {
  if (levels.low > MAXIMUM_AMOUNT) return "low is at most 1000000000 US dollars";
  if (levels.low <= levels.critical) return "low is above critical";
  if (levels.critical <= levels.termination) return "critical is above termination, which is the vendor's to set";
  const isSuspending = purchase.terms.suspend_at === "critical";
  if (isSuspending && levels.critical !== purchase.triggers.critical)
    return "this offer suspends at critical, so critical is the vendor's to set";
  return null;
}

function isSame(left: BalanceTriggers, right: BalanceTriggers): boolean {
  return left.low === right.low && left.critical === right.critical;
}

function spellOut({ low, critical, termination }: BalanceTriggers) {
  return { low: formatDollars(low), critical: formatDollars(critical), termination: formatDollars(termination) };
}
