import type { Knex } from "knex";
import type { ChainRegistry } from "../../../integrations/chains/registry.ts";
import type { X402Network } from "../../../integrations/x402/networks.ts";
import { readLockedBalance } from "../../../ledger/balances.ts";
import type { Ledger } from "../../../ledger/ledger.ts";
import { payerRefundedByMerchant } from "../../../ledger/postings/access.ts";
import { divide } from "../../../money/conversions.ts";
import { NANODOLLARS_PER_DOLLAR, nanodollars } from "../../../money/nanodollars.ts";
import { newId } from "../../../platform/ids.ts";
import { findNetwork } from "../merchants/name-wallets.ts";
import { findTransfer, type PaidTransfer } from "../payments/claims/read-transfer.ts";
import {
  RefundDueNotFound,
  RefundNotDue,
  RefundNotProven,
  RefundNotSeen,
  RefundTransactionUsed,
} from "../refund-errors.ts";
import { payerAccount } from "./payer-balances.ts";
import { causesOf, type PayerDue, type RefundCause, refundedPart } from "./refund-due.ts";
import {
  insertPayerRefund,
  isTransactionOfOurs,
  lockTransfer,
  type PayerRefund,
  selectMerchantWallets,
  selectPayerDue,
  selectPayerRefund,
  selectRefundCauses,
} from "./refund-due-store.ts";

/** What confirming a refund needs. */
export type ConfirmRefundNeeds = {
  readonly database: Knex;
  readonly ledger: Pick<Ledger, "postIn">;
  readonly accessChains: ChainRegistry;
  readonly x402Networks: readonly X402Network[];
};

type Confirming = {
  readonly merchantId: string;
  readonly id: string;
  readonly network: string;
  readonly transaction: string;
};

/**
 * A merchant says by which transaction it gave a payer its money back. Booked once, when the chain shows that the payer gained an accepted
 * token from a wallet of the merchant after the money became due: as much as arrived, at most what is due. The same again answers the
 * same. Throws `refund_due_not_found`, `refund_not_due`, `refund_not_seen`, `refund_not_proven`, `refund_transaction_used`, `network_not_offered`.
 */
export async function confirmRefund(needs: ConfirmRefundNeeds, input: Confirming): Promise<PayerRefund> {
  const network = findNetwork(needs.x402Networks, input.network);
  const transaction = network.kind === "evm" ? input.transaction.toLowerCase() : input.transaction;
  const due = await readDue(needs.database, input);
  const { payer } = due;
  const known = await selectPayerRefund(needs.database, { network: network.id, transaction, payer });
  if (known !== undefined) return sameRefund(known, due);
  if (due.amount <= 0n) throw new RefundNotDue();
  const causes = causesOf(due, await selectRefundCauses(needs.database, due));
  const found = await proveRefund(needs, { network, transaction, due, causes });
  await requireOwnMoney(needs.database, { due, causes, sender: found.payer });
  return book(needs, { due, transaction, found });
}

async function readDue(database: Knex, { id, merchantId }: Confirming): Promise<PayerDue> {
  const due = await selectPayerDue(database, { id, merchantId, mode: "direct" });
  if (due === undefined) throw new RefundDueNotFound();
  return due;
}

function sameRefund(known: PayerRefund, due: PayerDue): PayerRefund {
  if (known.balanceId !== due.id) throw new RefundTransactionUsed();
  return known;
}

async function proveRefund(
  needs: ConfirmRefundNeeds,
  input: {
    readonly network: X402Network;
    readonly transaction: string;
    readonly due: PayerDue;
    readonly causes: readonly RefundCause[];
  },
): Promise<PaidTransfer> {
  const { network, transaction, due, causes } = input;
  // A payment has the payer's address in its chain's own spelling; without one there is nothing to give back.
  const oldest = causes.at(-1);
  if (oldest === undefined) throw new RefundNotDue();
  const receivers = network.tokens.map(({ symbol: token, decimals }) => {
    return { network: network.id, token, decimals, payTo: oldest.payer, priceUnits: 1n };
  });
  const found = await findTransfer(needs, { receivers, transaction, since: oldest.at, gross: due.amount });
  if (found.kind === "not_seen") throw new RefundNotSeen(found.detail);
  if (found.kind === "refuted")
    throw new RefundNotProven(`The transaction gave this payer no money back: ${found.detail}`);
  // It may be a payment of the merchant's for something that the payer sells.
  if (found.authorization !== null)
    throw new RefundNotProven("A signed payment (EIP-3009) moved the tokens; give back by a transfer.");
  if (found.memos.some((memo) => memo.startsWith("qte_")))
    throw new RefundNotProven("Its memo names a quote, so it is a payment for that.");
  return found;
}

/** A payer's other income is no refund: the tokens must come from where the merchant is paid. */
async function requireOwnMoney(
  database: Knex,
  input: { readonly due: PayerDue; readonly causes: readonly RefundCause[]; readonly sender: string },
): Promise<void> {
  const { due, causes, sender } = input;
  const wallets = [...causes.map(({ payTo }) => payTo), ...(await selectMerchantWallets(database, due.merchantId))];
  if (!wallets.includes(sender))
    throw new RefundNotProven("The tokens did not come from a wallet that this merchant is or was paid at.");
}

async function book(
  needs: ConfirmRefundNeeds,
  input: { readonly due: PayerDue; readonly transaction: string; readonly found: PaidTransfer },
): Promise<PayerRefund> {
  const { due, transaction: hash, found } = input;
  const { network, token, decimals } = found.receiver;
  const came = nanodollars(divide(found.paidUnits * NANODOLLARS_PER_DOLLAR, 10n ** BigInt(decimals), "down"));
  const { merchantId, payer } = due;
  const account = payerAccount({ merchantId, kind: due.kind, address: payer, mode: due.mode });
  return needs.database.transaction(async (transaction) => {
    await lockTransfer(transaction, { network, transaction: hash });
    if (await isTransactionOfOurs(transaction, { network, transaction: hash })) throw new RefundTransactionUsed();
    const { available } = await readLockedBalance(transaction, account);
    const known = await selectPayerRefund(transaction, { network, transaction: hash, payer });
    if (known !== undefined) return sameRefund(known, due);
    const amount = refundedPart(came, available);
    if (amount <= 0n) throw new RefundNotDue();
    const identity = { id: newId("ref"), balanceId: due.id, merchantId, payer, network, token, transaction: hash };
    const refund = { ...identity, amountUnits: found.paidUnits, amount };
    if (!(await insertPayerRefund(transaction, refund))) throw new RefundTransactionUsed();
    await needs.ledger.postIn(
      transaction,
      payerRefundedByMerchant({ refundId: refund.id, merchantId, account, amount }),
    );
    return refund;
  });
}
