import type { Knex } from "knex";
import { readLockedBalance } from "../../ledger/balances.ts";
import { accounts } from "../../ledger/chart-of-accounts.ts";
import type { LifecycleNeeds } from "./advance-purchase.ts";
import { PurchaseNotFound } from "./errors.ts";
import type { LifecyclePhase } from "./lifecycle.ts";
import { isInPhase } from "./lifecycle.ts";
import { announce } from "./notices/announce.ts";
import { tellTerminated } from "./notices/tell-stage.ts";
import type { Purchase } from "./purchase-store.ts";
import { findPurchase, updatePurchase } from "./purchase-store.ts";
import { sendRemainder, settleRemainder } from "./remainder.ts";

/**
 * Writes down that all steps of a phase are done: a provisioned purchase becomes active and its deposits are swept, a suspended or
 * resumed one is told so, a deleted one is closed or gets back what is left. Idempotent; out of order it changes nothing. Throws
 * `purchase_not_found`.
 */
export async function finishPhase(
  needs: LifecycleNeeds,
  input: { readonly purchaseId: string; readonly phase: LifecyclePhase },
): Promise<void> {
  await needs.database.transaction(async (transaction) => {
    const purchase = await findPurchase(transaction, input.purchaseId, { lock: true });
    if (purchase === null) throw new PurchaseNotFound();
    if (isInPhase(purchase, input.phase)) await FINISH[input.phase](needs, transaction, purchase);
  });
}

type Finish = (needs: LifecycleNeeds, transaction: Knex.Transaction, purchase: Purchase) => Promise<void>;

const FINISH: Readonly<Record<LifecyclePhase, Finish>> = {
  provision: async (_needs, transaction, purchase) => {
    await updatePurchase(transaction, { id: purchase.id, status: "active", graceEndsAt: null });
    await announce(transaction, { purchaseId: purchase.id, type: "purchase.active", key: "active", data: {} });
  },
  suspend: (_needs, transaction, purchase) => changeAccess(transaction, purchase, "read_only"),
  resume: (_needs, transaction, purchase) => changeAccess(transaction, purchase, "full"),
  terminate: async (needs, transaction, purchase) => {
    const { available } = await readLockedBalance(transaction, accounts.purchase(purchase.id));
    const remainder = await settleRemainder(needs, transaction, { purchase, available });
    const status = remainder === "none" ? "terminated" : "refunding";
    await updatePurchase(transaction, { id: purchase.id, status, graceEndsAt: purchase.graceEndsAt });
    if (status === "terminated") await tellTerminated(transaction, { purchase, balance: available });
  },
  refund: async (needs, transaction, purchase) => {
    const { available } = await readLockedBalance(transaction, accounts.purchase(purchase.id));
    await sendRemainder(needs, transaction, { purchase, available });
  },
};

/** The flip of the row is what makes the notice exactly once; its key only has to be new. */
async function changeAccess(
  transaction: Knex.Transaction,
  purchase: Purchase,
  access: Purchase["access"],
): Promise<void> {
  const { id, status, graceEndsAt, statusSince } = purchase;
  await updatePurchase(transaction, { id, status, graceEndsAt, access });
  const type = access === "read_only" ? "purchase.suspended" : "purchase.resumed";
  await announce(transaction, { purchaseId: id, type, key: `${type}:${statusSince.toISOString()}`, data: { status } });
}
