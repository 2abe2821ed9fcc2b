import type { Knex } from "knex";
import type { Chain } from "../../../integrations/chains/chain.ts";
import {
  type PayoutOrder,
  preparePayoutTransaction,
  readPayoutTransaction,
} from "../../../integrations/chains/payouts/send-payout.ts";
import type { Signer } from "../../../integrations/chains/signer.ts";
import type { Ledger } from "../../../ledger/ledger.ts";
import { merchantPaidOut } from "../../../ledger/postings/access.ts";
import { formatDollars } from "../../../money/nanodollars.ts";
import type { Clock } from "../../../platform/clock.ts";
import { PayoutNotFound } from "../fee-errors.ts";
import { announceToMerchant } from "../telling/announce-to-merchant.ts";
import type { Payout } from "./payout.ts";
import { keepSinceBlock, markPayoutPaid, nextPayoutAttempt, selectPayout } from "./payout-store.ts";

/** What sending a payout needs; `chain` and `signer` are of its network. */
export type SendPayoutNeeds = {
  readonly database: Knex;
  readonly clock: Clock;
  readonly ledger: Ledger;
  readonly chain: Chain;
  readonly signer: Signer;
};

/** What a payout does next: `transactionId` is what to broadcast, null when there is nothing left to send. JSON-safe. */
export type PayoutStepPlan = {
  readonly isOver: boolean;
  readonly transactionId: string | null;
  readonly details: string;
};

/**
 * Stores the signed transaction of a payout, sending nothing; the same bytes however often it is asked. Where its tokens have moved already
 * it is closed. Throws `payout_not_found` and what preparing throws.
 */
export async function preparePayout(
  needs: SendPayoutNeeds,
  input: { readonly payoutId: string },
): Promise<PayoutStepPlan> {
  const payout = await readPayout(needs.database, input.payoutId);
  const what = `${formatDollars(payout.amount)} ${payout.token} to ${payout.destination}`;
  if (payout.status === "paid") return { isOver: true, transactionId: null, details: `Paid ${what}.` };
  const step = await preparePayoutTransaction(needs, await orderOf(needs, payout));
  if (step.state === "prepared") {
    return { isOver: false, transactionId: step.outgoing.id, details: `Paying ${what} in ${step.outgoing.hash}.` };
  }
  await close(needs, { payout, transactionHash: step.transactionHash });
  return { isOver: true, transactionId: null, details: `Paid ${what} in ${step.transactionHash}.` };
}

/**
 * Closes a payout whose transfer is final and books what it cost, each once; where its transaction moved nothing, makes way for another
 * attempt. Throws `sweep_not_ready` while it is not final.
 */
export async function recordPayout(
  needs: SendPayoutNeeds,
  input: { readonly payoutId: string },
): Promise<{ readonly outcome: "paid" | "again"; readonly details: string }> {
  const payout = await readPayout(needs.database, input.payoutId);
  if (payout.status === "paid") return { outcome: "paid", details: `The payout ${payout.id} is paid.` };
  const result = await readPayoutTransaction(needs, await orderOf(needs, payout));
  if (result.outcome === "again") {
    await nextPayoutAttempt(needs.database, { id: payout.id, attempt: payout.attempts });
    return { outcome: "again", details: `Attempt ${payout.attempts} of the payout moved nothing.` };
  }
  await close(needs, { payout, transactionHash: result.transactionHash });
  return { outcome: "paid", details: `The payout ${payout.id} is paid in ${result.transactionHash}.` };
}

async function close(
  needs: Pick<SendPayoutNeeds, "database" | "clock" | "ledger">,
  input: { readonly payout: Payout; readonly transactionHash: string },
): Promise<void> {
  const { payout, transactionHash } = input;
  const { id, merchantId, network, token, amount, destination } = payout;
  await needs.database.transaction(async (transaction) => {
    if (!(await markPayoutPaid(transaction, { id, transactionHash, at: new Date(needs.clock.now()) }))) return;
    const data = {
      payoutId: id,
      network,
      token,
      amount: formatDollars(amount),
      destination,
      transaction: transactionHash,
    };
    await announceToMerchant(transaction, { merchantId, type: "payout.sent", key: id, data });
    const booked = { payoutId: id, merchantId, network, token, amount, transactionId: transactionHash };
    await needs.ledger.postIn(transaction, merchantPaidOut(booked));
  });
}

async function orderOf(needs: SendPayoutNeeds, payout: Payout): Promise<PayoutOrder> {
  const { id, token, destination, amountUnits, attempts: attempt } = payout;
  const order = { id, token, destination, amountUnits, attempt };
  if (payout.sinceBlock !== null) return { ...order, sinceBlock: payout.sinceBlock };
  await keepSinceBlock(needs.database, { id, block: (await needs.chain.readHead()).number });
  const { sinceBlock } = await readPayout(needs.database, id);
  return { ...order, sinceBlock: sinceBlock ?? 0 };
}

async function readPayout(database: Knex, id: string): Promise<Payout> {
  const payout = await selectPayout(database, id);
  if (payout === undefined) throw new PayoutNotFound();
  return payout;
}
