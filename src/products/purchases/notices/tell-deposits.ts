import type { Knex } from "knex";
import type { Deposit } from "../../../integrations/chains/deposits/deposit-store.ts";
import { listNoteworthy } from "../../../integrations/chains/deposits/deposit-store.ts";
import { findEventKeys } from "../event-store.ts";
import { announce } from "./announce.ts";

/** What is looked at in one go: what came before was told when it came. */
const NEWEST = 50;

/**
 * Tells a purchase's customer of every deposit that did not become, or did not stay, part of the balance: once per deposit and occasion,
 * however often it runs. In the transaction that looks at the purchase; the deposits themselves are the chains room's.
 */
export async function tellDeposits(
  transaction: Knex.Transaction,
  input: { readonly purchaseId: string; readonly depositAddressId: string },
): Promise<void> {
  const { purchaseId, depositAddressId } = input;
  const deposits = await listNoteworthy(transaction, { depositAddressId, limit: NEWEST });
  if (deposits.length === 0) return;
  const known = await findEventKeys(transaction, { purchaseId, keys: deposits.map(keyOf) });
  for (const deposit of deposits.filter((candidate) => !known.has(keyOf(candidate)))) {
    await announce(transaction, {
      purchaseId,
      type: deposit.status === "reversed" ? "purchase.deposit_reversed" : "purchase.deposit_in_suspense",
      key: keyOf(deposit),
      data: {
        deposit_id: deposit.id,
        transaction_hash: deposit.transactionHash,
        amount_units: deposit.amountUnits.toString(),
        reason: deposit.waitingFor ?? deposit.status,
      },
    });
  }
}

function keyOf(deposit: Deposit): string {
  return `deposit:${deposit.id}:${deposit.status}:${deposit.credits}`;
}
