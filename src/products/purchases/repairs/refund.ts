import { z } from "zod";
import { readBalance } from "../../../ledger/balances.ts";
import { accounts } from "../../../ledger/chart-of-accounts.ts";
import type { Nanodollars } from "../../../money/nanodollars.ts";
import { add, formatDollars, nanodollars, parseDollars, ZERO } from "../../../money/nanodollars.ts";
import { InvalidRepair } from "../../../platform/repairs/errors.ts";
import { text } from "../schemas.ts";
import { NothingToRefund } from "./errors.ts";
import type { RequestedRefund } from "./money-moves.ts";
import type { RepairFacts, RepairOutcome, RepairWork } from "./repair.ts";
import { defineRepair } from "./repair.ts";

const Amount = z
  .string()
  .regex(/^(?:0|[1-9][0-9]{0,8})(?:\.[0-9]{1,9})?$/, "expected a decimal string of US dollars such as 12.5")
  .refine((amount) => /[1-9]/.test(amount), "expected more than zero")
  .meta({ description: "US dollars; all of the balance when absent." });

/**
 * Money goes back to where it came from: `amount` of the balance or all of it, or with `depositId` one whole deposit in suspense. It
 * leaves the balance at once, so it cannot be spent as well; the transfer follows. Nobody names an address: each part goes to the
 * sender of the deposit it came with. In any state, also after the end.
 */
export const refund = defineRepair({
  action: "refund",
  fields: {
    amount: Amount.optional(),
    depositId: text({ minimum: 1, maximum: 64 })
      .meta({ description: "A deposit in suspense; not together with amount." })
      .optional(),
  },
  refuse: (facts, input) => refuseInput(facts, input),
  apply: async (work, { amount, depositId }) =>
    depositId === undefined ? refundBalance(work, amount) : refundDeposit(work, depositId),
});

function refuseInput(
  _facts: RepairFacts,
  input: { readonly amount?: string | undefined; readonly depositId?: string | undefined },
): Error | null {
  if (input.amount === undefined || input.depositId === undefined) return null;
  return new InvalidRepair([
    { path: "amount", message: "a deposit goes back whole: send amount or depositId, not both" },
  ]);
}

async function refundDeposit({ transaction, money, key }: RepairWork, depositId: string): Promise<RepairOutcome> {
  return describeRefunds(await money.requestDepositRefund(transaction, { key, depositId }));
}

async function refundBalance(work: RepairWork, asked: string | undefined): Promise<RepairOutcome> {
  const { transaction, money, facts, key } = work;
  const account = accounts.purchase(facts.checkout.purchaseId);
  const { available } = await readBalance(transaction, account);
  const amount = asked === undefined ? available : parseDollars(asked);
  if (amount <= 0n) throw new NothingToRefund();
  const { depositAddressId } = facts.checkout;
  const refunds = await money.requestRemainderRefund(transaction, { key, account, depositAddressId, amount });
  if (refunds.length === 0) throw new NothingToRefund();
  const carried = add(ZERO, ...refunds.map((part) => part.amount ?? ZERO));
  return describeRefunds(refunds, nanodollars(amount - carried));
}

/** What goes back, without destinations: an address out of a list of transfers is never put where somebody may copy it. Pure. */
export function describeRefunds(
  refunds: readonly RequestedRefund[],
  left: Nanodollars = ZERO,
): Required<Pick<RepairOutcome, "text" | "data">> {
  const shown = refunds.map(({ id, amount, status }) => ({
    id,
    amount: amount === null ? null : formatDollars(amount),
    status,
  }));
  const each = shown.map(({ id, amount }) => (amount === null ? id : `${amount} USD (${id})`)).join(", ");
  const rest = left > 0n ? ` ${formatDollars(left)} USD stays: no deposit carries it.` : "";
  const data = { refunds: shown, not_refunded: formatDollars(left) };
  return { text: `Goes back to where it came from: ${each}.${rest}`, data };
}
