import { readBalances } from "../../../ledger/balances.ts";
import { type AccountName, accounts } from "../../../ledger/chart-of-accounts.ts";
import { openAccount } from "../../../ledger/open-account.ts";
import { MAXIMUM_AMOUNT, type Nanodollars, nanodollars, ZERO } from "../../../money/nanodollars.ts";
import type { Database } from "../../../platform/database/pool.ts";
import type { SettlementMode } from "../merchant.ts";
import { insertPayerBalance } from "./payer-balance-store.ts";

/** Somebody who paid a merchant, by the address the money came from. */
export type PayerAtMerchant = {
  readonly merchantId: string;
  readonly kind: "evm" | "solana";
  readonly address: string;
};

/** What a payer has left at a merchant, by where its tokens are: in the merchant's wallet (`direct`), or in ours (`custodial`). */
export type PayerBalance = {
  readonly total: Nanodollars;
  readonly direct: Nanodollars;
  readonly custodial: Nanodollars;
};

/** Which kind of address it is: an EVM one begins with 0x, which is not base 58. */
export function payerKindOf(address: string): "evm" | "solana" {
  return address.startsWith("0x") ? "evm" : "solana";
}

/**
 * The payer's account at the merchant, for money whose tokens are where `mode` says: two accounts, so that a merchant whose mode is
 * switched owes each payer what it has and we what we have. An EVM address counts in any spelling of its letters.
 */
export function payerAccount(input: PayerAtMerchant & { readonly mode: SettlementMode }): AccountName {
  const name = `${input.kind}:${spelling(input)}`;
  return accounts.payer(input.merchantId, input.mode === "direct" ? name : `custodial:${name}`);
}

/** Opens {@link payerAccount}, or finds it open, in the caller's transaction, and answers its name for the posting. */
export async function ensurePayerBalance(
  database: Database,
  input: PayerAtMerchant & { readonly mode: SettlementMode },
): Promise<AccountName> {
  const account = payerAccount(input);
  await openAccount(database, { account });
  await insertPayerBalance(database, { ...input, account, address: spelling(input) });
  return account;
}

/** What a payer can spend at a merchant; nothing where it never had any. */
export async function readPayerBalance(database: Database, payer: PayerAtMerchant): Promise<PayerBalance> {
  const names = accountsOf(payer);
  const balances = await readBalances(database, [names.direct, names.custodial]);
  const direct = balances.get(names.direct)?.available ?? ZERO;
  const custodial = balances.get(names.custodial)?.available ?? ZERO;
  return { total: nanodollars(direct + custodial), direct, custodial };
}

/**
 * The account that can pay `gross` on its own, and the mode a sale from it is booked in; null where neither can. Only a hint: the posting
 * refuses with `insufficient_funds` when it was spent meanwhile.
 */
export async function balanceToSpend(
  database: Database,
  input: PayerAtMerchant & { readonly gross: Nanodollars },
): Promise<{ readonly account: AccountName; readonly mode: SettlementMode } | null> {
  const balance = await readPayerBalance(database, input);
  const names = accountsOf(input);
  if (balance.direct >= input.gross) return { account: names.direct, mode: "direct" };
  return balance.custodial >= input.gross ? { account: names.custodial, mode: "custodial" } : null;
}

/**
 * Opens what we owe a merchant from custodial sales; where it is open nothing changes. It may go below zero by unused time that was given
 * back after the sale was paid out; later sales fill it. Call it in the transaction that registers the merchant.
 */
export async function openMerchantAccount(database: Database, input: { readonly merchantId: string }): Promise<void> {
  const account = accounts.merchantPayable(input.merchantId);
  await openAccount(database, { account, creditLine: nanodollars(MAXIMUM_AMOUNT) });
}

function accountsOf(payer: PayerAtMerchant): Readonly<Record<SettlementMode, AccountName>> {
  return {
    direct: payerAccount({ ...payer, mode: "direct" }),
    custodial: payerAccount({ ...payer, mode: "custodial" }),
  };
}

function spelling({ kind, address }: PayerAtMerchant): string {
  return kind === "evm" ? address.toLowerCase() : address;
}
