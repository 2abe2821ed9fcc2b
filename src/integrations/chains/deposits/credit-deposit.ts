import { type AccountName, parseAccountName } from "../../../ledger/chart-of-accounts.ts";
import { depositConfirmed, depositInSuspense } from "../../../ledger/postings/deposits.ts";
import type { Database } from "../../../platform/database/pool.ts";
import { lockDepositAddress } from "../addresses/deposit-address-store.ts";
import type { Chain } from "../chain.ts";
import type { LedgerWriter } from "../ledger-writer.ts";
import type { ProvenDeposit } from "./deposit-evidence.ts";
import { type Deposit, linkEntry, markCredited, sumUnswept } from "./deposit-store.ts";
import { worthOf } from "./deposit-value.ts";

type Needs = { readonly database: Database; readonly ledger: LedgerWriter; readonly chain: Chain };

const SUSPENSE = "suspense/";

/**
 * Credits one proven deposit in one transaction: its row, its ledger entry, the wake of whoever waits. Its account decides which entry: a
 * customer's, or `suspense/<reason>`. What has no price gets no entry and waits in suspense in base units. False when another scanner
 * was first or credited something else there meanwhile. Throws what the ledger throws; then nothing was done.
 */
export async function creditDeposit(
  needs: Needs,
  input: { readonly deposit: Deposit; readonly proof: ProvenDeposit },
): Promise<boolean> {
  const { deposit, proof } = input;
  const { chain, token, depositAddressId } = deposit;
  const reason = suspenseReason(deposit);
  const status = reason === undefined ? "confirmed" : "suspense";
  return needs.database.transaction(async (transaction) => {
    if (depositAddressId !== null) {
      await lockDepositAddress(transaction, depositAddressId);
      const owedUnits = await sumUnswept(transaction, { depositAddressId, chain, token });
      if (proof.owedUnits !== undefined && owedUnits !== proof.owedUnits) return false;
    }
    const crediting = { status, waitingFor: reason ?? null, amountUnits: proof.amountUnits } as const;
    const credits = await markCredited(transaction, deposit, crediting);
    if (credits === undefined) return false;
    const entryId = await post({ ...needs, transaction }, { deposit, proof, occasion: credits, reason });
    await linkEntry(transaction, { depositId: deposit.id, entryId, depositAddressId });
    return true;
  });
}

/** Why a deposit goes to suspense: the last part of its account; undefined when it is a customer's. */
export function suspenseReason(deposit: Pick<Deposit, "account">): string | undefined {
  return deposit.account.startsWith(SUSPENSE) ? deposit.account.slice(SUSPENSE.length) : undefined;
}

/** A deposit as the ledger's posting functions take it; undefined while it has no dollars. */
export function asPosted(chain: Pick<Chain, "network">, deposit: Deposit) {
  const value = worthOf(chain.network, deposit);
  if (value === undefined || value.amount <= 0n) return undefined;
  const { transactionHash: transactionId, logIndex } = deposit;
  return { chain: deposit.chain, token: value.symbol, transactionId, logIndex, amount: value.amount };
}

async function post(
  needs: Needs & { readonly transaction: Parameters<LedgerWriter["postIn"]>[0] },
  input: {
    readonly deposit: Deposit;
    readonly proof: ProvenDeposit;
    readonly occasion: number;
    readonly reason: string | undefined;
  },
): Promise<string | null> {
  const { deposit, proof, occasion, reason } = input;
  const transfer = asPosted(needs.chain, { ...deposit, amountUnits: proof.amountUnits });
  if (transfer === undefined) return null;
  const credited = {
    ...transfer,
    occasion,
    ...(deposit.depositAddressId === null ? { heldAt: "treasury" as const } : {}),
  };
  const account: AccountName = parseAccountName(deposit.account);
  const draft =
    reason === undefined ? depositConfirmed({ ...credited, account }) : depositInSuspense({ ...credited, reason });
  return (await needs.ledger.postIn(needs.transaction, draft)).entryId;
}
