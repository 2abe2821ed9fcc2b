import { readBalance } from "../../../ledger/balances.ts";
import { type AccountName, isMaterialised, parseAccountName } from "../../../ledger/chart-of-accounts.ts";
import { InsufficientFunds } from "../../../ledger/errors.ts";
import { depositReversed } from "../../../ledger/postings/deposits.ts";
import { type Nanodollars, nanodollars, ZERO } from "../../../money/nanodollars.ts";
import type { Database } from "../../../platform/database/pool.ts";
import { lockDepositAddress } from "../addresses/deposit-address-store.ts";
import type { Chain } from "../chain.ts";
import type { LedgerWriter } from "../ledger-writer.ts";
import { refuseUnsigned } from "../refunds/refuse-unsigned.ts";
import { asPosted } from "./credit-deposit.ts";
import { type Deposit, linkEntry } from "./deposit-store.ts";
import { markReversed } from "./recheck-store.ts";

/** Tries against usage that takes the balance between reading and posting. */
const TRIES = 5;

type Needs = { readonly database: Database; readonly ledger: LedgerWriter; readonly chain: Chain };

/**
 * Takes a credited deposit out of the books again, because it is gone from its chain: back from the account as far as it can pay, the rest as
 * bad debt, so no balance falls below its credit line and the books hold what the chain holds. A refund of it that nobody signed yet is given up
 * first. One transaction with the row and the wake; once, however many ask. False when the deposit changed in the meantime.
 */
export async function reverseDeposit(
  needs: Needs,
  input: { readonly deposit: Deposit; readonly reason: string },
): Promise<boolean> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await needs.database.transaction((transaction) => reverseIn({ ...needs, transaction }, input));
    } catch (error) {
      if (!(error instanceof InsufficientFunds) || tries === TRIES) throw error;
    }
  }
}

async function reverseIn(
  needs: Needs & { readonly transaction: Parameters<LedgerWriter["postIn"]>[0] },
  input: { readonly deposit: Deposit; readonly reason: string },
): Promise<boolean> {
  const { deposit, reason } = input;
  const { transaction, ledger, chain } = needs;
  // Refunds lock the address before the deposit: so does this.
  if (deposit.depositAddressId !== null) await lockDepositAddress(transaction, deposit.depositAddressId);
  if (!(await markReversed(transaction, { deposit, reason }))) return false;
  const givenUp = await refuseUnsigned(transaction, { ledger, chain }, { depositId: deposit.id });
  const transfer = asPosted(chain, deposit);
  let entryId = deposit.entryId;
  if (transfer !== undefined) {
    const account = parseAccountName(deposit.account);
    const draft = depositReversed({
      ...transfer,
      occasion: deposit.credits,
      ...(deposit.depositAddressId === null ? { heldAt: "treasury" as const } : {}),
      account,
      covered: await readCovered(transaction, {
        account,
        amount: transfer.amount,
        isGone: deposit.status === "refunded" && givenUp === 0,
      }),
      family: account.startsWith("purchase/") ? "purchases" : "deposits",
    });
    entryId = (await ledger.postIn(transaction, draft)).entryId;
  }
  await linkEntry(transaction, { depositId: deposit.id, entryId, depositAddressId: deposit.depositAddressId });
  return true;
}

/** What the account can give back: nothing where the money has left it (`isGone`); a system account always can. */
async function readCovered(
  transaction: Database,
  input: { readonly account: AccountName; readonly amount: Nanodollars; readonly isGone: boolean },
): Promise<Nanodollars> {
  const { account, amount, isGone } = input;
  if (isGone) return ZERO;
  if (!isMaterialised(account)) return amount;
  const { available, floor } = await readBalance(transaction, account);
  const free = available - floor;
  if (free <= 0n) return ZERO;
  return free < amount ? nanodollars(free) : amount;
}
