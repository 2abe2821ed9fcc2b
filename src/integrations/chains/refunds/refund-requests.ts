import type { Knex } from "knex";
import { type AccountName, parseAccountName } from "../../../ledger/chart-of-accounts.ts";
import { refundPaidInTokens, type TokenRefund } from "../../../ledger/postings/refunds.ts";
import { tokenUnitsToNanodollars } from "../../../money/conversions.ts";
import { NANODOLLARS_PER_DOLLAR, type Nanodollars } from "../../../money/nanodollars.ts";
import { raiseWake } from "../../../platform/temporal/wake-store.ts";
import type { Chain } from "../chain.ts";
import { worthOf } from "../deposits/deposit-value.ts";
import type { LedgerWriter } from "../ledger-writer.ts";
import type { ChainRegistry } from "../registry.ts";
import { RefundNotPossible } from "./refund-errors.ts";
import {
  insertRefund,
  linkRefundEntry,
  listRefunds,
  lockRefundable,
  lockRefundables,
  markDepositRefunded,
  type Refund,
  type RefundableDeposit,
} from "./refund-store.ts";

/** What a request needs: nothing is signed or sent by it. */
export type RefundRequestNeeds = { readonly ledger: LedgerWriter; readonly chains: ChainRegistry };

/**
 * Promises a whole deposit in suspense back to its sender: its row, the ledger entry and the wake of `refund/<id>`, in the caller's
 * transaction. The same key answers the same refund. Throws `refund_not_possible` for a deposit that is not in suspense, native coin
 * (whose sender no log names), or unknown; and what the ledger throws.
 */
export async function requestDepositRefund(
  transaction: Knex.Transaction,
  needs: RefundRequestNeeds,
  input: { readonly key: string; readonly depositId: string },
): Promise<readonly Refund[]> {
  const { key, depositId } = input;
  const deposit = await lockRefundable(transaction, depositId);
  const before = await listRefunds(transaction, key);
  if (before.length > 0) return before;
  if (deposit === undefined) throw new RefundNotPossible(depositId, "there is no such deposit");
  if (deposit.status !== "suspense") throw new RefundNotPossible(depositId, `it is ${deposit.status}, not in suspense`);
  if (deposit.kind === "native_coin") {
    throw new RefundNotPossible(depositId, "no log says who sent native coin; send it by hand");
  }
  const refund = await promise({ ...needs, transaction }, { key, part: 1, deposit, units: deposit.freeUnits });
  await markDepositRefunded(transaction, depositId, true);
  return [refund];
}

/**
 * Promises up to `amount` of an account back to who paid it in: the newest confirmed deposits of the address first, each part to that
 * deposit's sender and never more than came from there. Entries and rows in the caller's transaction; fewer or none where the deposits
 * do not carry it, so compare the sum. The same key answers the same refunds. Throws what the ledger throws, such as
 * `insufficient_funds`.
 */
export async function requestRemainderRefund(
  transaction: Knex.Transaction,
  needs: RefundRequestNeeds,
  input: {
    readonly key: string;
    readonly account: AccountName;
    readonly depositAddressId: string;
    readonly amount: Nanodollars;
  },
): Promise<readonly Refund[]> {
  const { key, account, depositAddressId, amount } = input;
  const deposits = await lockRefundables(transaction, { depositAddressId, account });
  const before = await listRefunds(transaction, key);
  if (before.length > 0) return before;
  const parts = splitRemainder({ amount, deposits, decimalsOf: (deposit) => decimalsOf(needs.chains, deposit) });
  const refunds: Refund[] = [];
  for (const { deposit, units } of parts) {
    const part = refunds.length + 1;
    refunds.push(await promise({ ...needs, transaction }, { key, part, deposit, units }));
  }
  return refunds;
}

/** Takes an amount from deposits in their order, in whole token units, rounded down: nobody gets more than is theirs. Pure. */
export function splitRemainder<Deposit extends { readonly freeUnits: bigint }>(input: {
  readonly amount: Nanodollars;
  readonly deposits: readonly Deposit[];
  /** Of the deposit's token; undefined for one that cannot be sent back. */
  readonly decimalsOf: (deposit: Deposit) => number | undefined;
}): readonly { readonly deposit: Deposit; readonly units: bigint }[] {
  let rest: bigint = input.amount;
  return input.deposits.flatMap((deposit) => {
    const decimals = input.decimalsOf(deposit);
    if (decimals === undefined) return [];
    const unit = 10n ** BigInt(decimals);
    const wanted = (rest * unit) / NANODOLLARS_PER_DOLLAR;
    const units = wanted < deposit.freeUnits ? wanted : deposit.freeUnits;
    if (units <= 0n) return [];
    rest -= tokenUnitsToNanodollars(units, decimals, "up");
    return [{ deposit, units }];
  });
}

async function promise(
  needs: RefundRequestNeeds & { readonly transaction: Knex.Transaction },
  input: {
    readonly key: string;
    readonly part: number;
    readonly deposit: RefundableDeposit;
    readonly units: bigint;
  },
): Promise<Refund> {
  const { transaction, chains, ledger } = needs;
  const { key, part, deposit, units } = input;
  const { id: depositId, chain, token, account, fromAddress: destination } = deposit;
  const network = chains.find(chain).network;
  let refund = await insertRefund(transaction, {
    key,
    part,
    depositId,
    chain,
    token,
    destination,
    amountUnits: units,
    account,
    amount: worthOf(network, { kind: deposit.kind, token, amountUnits: units })?.amount ?? null,
    depositAddressId: deposit.sweepId === null ? deposit.depositAddressId : null,
  });
  const posted = asPostedRefund(chains.find(chain), refund);
  if (posted !== undefined) {
    const { entryId } = await ledger.postIn(transaction, refundPaidInTokens(posted));
    await linkRefundEntry(transaction, { id: refund.id, entryId });
    refund = { ...refund, entryId };
  }
  await raiseWake(transaction, `refund/${refund.id}`);
  return refund;
}

/** A refund as the ledger posts it; undefined for a token without a price, of which there are no dollars in the books. */
export function asPostedRefund(chain: Pick<Chain, "network">, refund: Refund): TokenRefund | undefined {
  const token = chain.network.tokens.find(({ address }) => address === refund.token);
  if (token === undefined || refund.amount === null) return undefined;
  return {
    refundId: refund.id,
    account: parseAccountName(refund.account),
    chain: refund.chain,
    token: token.symbol,
    amount: refund.amount,
    heldAt: refund.sweepId === null ? "treasury" : "deposit_wallet",
  };
}

function decimalsOf(chains: ChainRegistry, deposit: RefundableDeposit): number | undefined {
  return chains.find(deposit.chain).network.tokens.find(({ address }) => address === deposit.token)?.decimals;
}
