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
import { PayoutNotFound, PayoutNotOpen } from "../fee-errors.ts";
import { announceToMerchant } from "../telling/announce-to-merchant.ts";
import type { Payout } from "./payout.ts";
import {
  keepAuthorizedUntil,
  keepSinceBlock,
  markPayoutPaid,
  nextPayoutAttempt,
  selectPayout,
} from "./payout-store.ts";

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
  readonly status?: "paying" | "paid" | "cancelled";
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
  if (payout.status !== "open") {
    const said = payout.status === "paid" ? "Paid" : "Called off:";
    return { isOver: true, status: payout.status, transactionId: null, details: `${said} ${what}.` };
  }
  const authorize = () => authorizePayout(needs, payout);
  const step = await preparePayoutTransaction({ ...needs, authorize }, await orderOf(needs, payout));
  if (step.state === "prepared") {
    return {
      isOver: false,
      status: "paying",
      transactionId: step.outgoing.id,
      details: `Paying ${what} in ${step.outgoing.hash}.`,
    };
  }
  await close(needs, { payout, transactionHash: step.transactionHash });
  return { isOver: true, status: "paid", transactionId: null, details: `Paid ${what} in ${step.transactionHash}.` };
}

/**
 * Closes a payout whose transfer is final and books what it cost, each once; where its transaction moved nothing, makes way for another
 * attempt. One that was called off meanwhile has moved nothing, and only its costs are booked. Throws `sweep_not_ready` while it is not
 * final.
 */
export async function recordPayout(
  needs: SendPayoutNeeds,
  input: { readonly payoutId: string },
): Promise<{ readonly outcome: "paid" | "again" | "cancelled"; readonly details: string }> {
  const payout = await readPayout(needs.database, input.payoutId);
  if (payout.status === "paid") return { outcome: "paid", details: `The payout ${payout.id} is paid.` };
  const result = await readPayoutTransaction(needs, await orderOf(needs, payout));
  if (payout.status === "cancelled") {
    if (result.outcome === "paid") throw new Error(`The payout ${payout.id} was called off, and its tokens moved.`);
    return { outcome: "cancelled", details: `The payout ${payout.id} was called off.` };
  }
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

/** An authorization is good for so long: short enough to wait for its end, long enough for a chain that is slow. */
const AUTHORIZED_MS = 3_600_000;

async function authorizePayout(
  { database, clock }: Pick<SendPayoutNeeds, "database" | "clock">,
  { id }: Payout,
): Promise<Date> {
  const until = new Date(clock.now() + AUTHORIZED_MS);
  if (await keepAuthorizedUntil(database, { id, until })) return until;
  throw new PayoutNotOpen(await readPayout(database, id));
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
