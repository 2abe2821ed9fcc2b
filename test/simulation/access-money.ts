import type { Knex } from "knex";
import { expect } from "vitest";
import { readTrialBalance, verifyLedger } from "../../src/ledger/reconcile.ts";
import { nanodollars } from "../../src/money/nanodollars.ts";
import { feeInNanodollars } from "../../src/products/access/fees/split.ts";
import type { StoredPayment } from "../../src/products/access/payments/payment-store.ts";

type Paid = Pick<StoredPayment, "id" | "merchantId" | "dialect" | "status" | "settlementMode" | "payTo" | "payer"> &
  Pick<StoredPayment, "amountUnits" | "leftUnits" | "feeUnits" | "gross" | "isExtension" | "sessionId">;
type Sums = Map<string, bigint>;

/** What tokens wallets have gained, and payers have lost, by the chain itself: base units by address. */
export type Movements = {
  readonly gainedOf: (wallet: string) => Promise<bigint>;
  readonly lostOf: (payer: string) => Promise<bigint>;
};

/**
 * Compares, at rest, three tellings of the same money: the tokens on the chain, the rows of payments and returns, and the ledger's
 * accounts. Everybody's money is somewhere: no wallet has a unit that no payment counts, and nobody paid one that is not counted.
 */
export async function expectMoneyConserved(
  database: Knex,
  chain: Movements & { readonly payers: readonly string[]; readonly wallets: readonly string[] },
): Promise<void> {
  const rows: Record<string, string>[] = await database("access_payments").select();
  const paid = rows.filter(({ status }) => status === "settled" || status === "unserved").map(paidOf);
  await expectChainEqualsRows(paid, chain);
  await expectBooksEqualRows(database, paid);
  await expectSessionsEqualRows(database, paid);
  expect(await verifyLedger(database)).toMatchObject({ sound: true });
}

async function expectChainEqualsRows(paid: readonly Paid[], chain: Parameters<typeof expectMoneyConserved>[1]) {
  const gained: Sums = new Map();
  const lost: Sums = new Map();
  for (const payment of paid.filter(({ dialect }) => dialect !== "balance")) {
    add(gained, payment.payTo, payment.amountUnits + payment.leftUnits);
    add(lost, payment.payer, payment.amountUnits + payment.leftUnits);
  }
  for (const wallet of chain.wallets)
    expect(await chain.gainedOf(wallet), `${wallet} gained on the chain`).toBe(gained.get(wallet) ?? 0n);
  for (const payer of chain.payers)
    expect(await chain.lostOf(payer), `${payer} paid on the chain`).toBe(lost.get(payer) ?? 0n);
}

/** Every account of the room, from the rows alone, as decision 0031 says. */
async function expectBooksEqualRows(database: Knex, paid: readonly Paid[]): Promise<void> {
  const expected: Sums = new Map();
  for (const payment of paid) bookPayment(expected, payment);
  const returns: Record<string, string>[] = await database("access_returns").select();
  for (const row of returns) {
    const payment = paid.find(({ id }) => id === row.payment_id);
    if (payment === undefined) throw new Error(`${row.payment_id} gave back what it never took`);
    bookReturn(expected, payment, {
      amount: BigInt(row.amount_nanodollars ?? 0),
      fee: BigInt(row.fee_nanodollars ?? 0),
    });
  }
  const { lines, debits, credits } = await readTrialBalance(database);
  expect(debits).toBe(credits);
  const ours = lines.filter(({ account }) =>
    /^(receivable|payer|merchant|settlement-wallet|platform-fee)\//.test(account),
  );
  const held = ours.map(({ account, balance }) => [account, balance] as const).filter(([, balance]) => balance !== 0n);
  const due = [...expected].filter(([, balance]) => balance !== 0n);
  expect(Object.fromEntries(held), "what the books hold").toEqual(Object.fromEntries(due));
}

function bookPayment(sums: Sums, payment: Paid): void {
  const { gross } = payment;
  const left = (payment.leftUnits * gross) / payment.amountUnits;
  if (payment.status === "unserved") bookKept(sums, payment, gross + left);
  else bookSale(sums, payment, left);
}

function bookSale(sums: Sums, payment: Paid, left: bigint): void {
  const { merchantId, settlementMode: mode, gross } = payment;
  const fee = feeInNanodollars(payment);
  add(sums, "platform-fee/access", fee);
  if (mode === "direct") add(sums, `receivable/${merchantId}`, fee);
  else add(sums, `merchant/${merchantId}`, gross - fee);
  if (payment.dialect === "balance") add(sums, payerOf(payment), -gross);
  if (payment.dialect === "balance" && mode === "direct") add(sums, `receivable/${merchantId}:refunds`, -gross);
  if (payment.dialect !== "balance" && mode === "custodial") add(sums, "settlement-wallet/eip155:31337/USDC", gross);
  bookKept(sums, payment, left);
}

/** Money of a payer that somebody has in a wallet. */
function bookKept(sums: Sums, payment: Paid, amount: bigint): void {
  const { merchantId, settlementMode: mode } = payment;
  add(sums, payerOf(payment), amount);
  add(sums, mode === "direct" ? `receivable/${merchantId}:refunds` : "settlement-wallet/eip155:31337/USDC", amount);
}

function bookReturn(
  sums: Sums,
  payment: Paid,
  { amount, fee }: { readonly amount: bigint; readonly fee: bigint },
): void {
  const { merchantId, settlementMode: mode } = payment;
  add(sums, payerOf(payment), amount);
  add(sums, "platform-fee/access", -fee);
  add(
    sums,
    mode === "direct" ? `receivable/${merchantId}` : `merchant/${merchantId}`,
    mode === "direct" ? -fee : fee - amount,
  );
  if (mode === "direct") add(sums, `receivable/${merchantId}:refunds`, amount);
}

function payerOf({ merchantId, payer, settlementMode: mode }: Paid): string {
  return `payer/${merchantId}/${mode === "direct" ? "" : "custodial:"}evm:${payer.toLowerCase()}`;
}

/** Each payment that opens opened one session, each that extends extended one, and no session has what nobody paid for. */
async function expectSessionsEqualRows(database: Knex, paid: readonly Paid[]): Promise<void> {
  const sessions: { id: string; paid_nanodollars: string }[] = await database("access_sessions").select();
  const served = paid.filter(({ status }) => status === "settled");
  expect(
    served
      .filter(({ isExtension }) => !isExtension)
      .map(({ sessionId }) => sessionId)
      .sort(),
  ).toEqual(sessions.map(({ id }) => id).sort());
  for (const { id, paid_nanodollars } of sessions) {
    const parts = served.filter(({ sessionId }) => sessionId === id);
    expect([id, BigInt(paid_nanodollars)]).toEqual([id, parts.reduce((sum, { gross }) => sum + gross, 0n)]);
  }
}

function paidOf(row: Record<string, string>): Paid {
  const { id = "", payer = "", dialect, status, settlement_mode: settlementMode } = row;
  if (dialect !== "v1" && dialect !== "v2" && dialect !== "pay2" && dialect !== "balance") throw new Error(dialect);
  if (status !== "settled" && status !== "unserved") throw new Error(status);
  return {
    ...{ id, payer, dialect, status, merchantId: row.merchant_id ?? "", payTo: row.pay_to ?? "" },
    settlementMode: settlementMode === "custodial" ? "custodial" : "direct",
    amountUnits: BigInt(row.amount_units ?? 0),
    leftUnits: BigInt(row.left_units ?? 0),
    feeUnits: BigInt(row.fee_units ?? 0),
    gross: nanodollars(BigInt(row.gross_nanodollars ?? 0)),
    isExtension: Boolean(row.is_extension),
    sessionId: row.session_id ?? null,
  };
}

function add(sums: Sums, name: string, amount: bigint): void {
  sums.set(name, (sums.get(name) ?? 0n) + amount);
}
