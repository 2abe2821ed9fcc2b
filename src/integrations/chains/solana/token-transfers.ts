import type { z } from "zod";
import type { TokenTransfer, TransactionReceipt } from "../chain.ts";
import type { TransactionShape } from "./rpc-shapes.ts";
import { TOKEN_PROGRAM, tokenAccountOf } from "./token-accounts.ts";

/** What one token account gained (or, below zero, lost) in a transaction. `place` is its place in the transaction's account list. */
type Change = {
  readonly place: number;
  readonly mint: string;
  readonly owner: string;
  readonly account: string;
  readonly units: bigint;
};

type Transaction = z.output<typeof TransactionShape>;

/**
 * Reads a transaction by what token accounts held before and after it, never by what its instructions say: so a transfer is worth what
 * arrived, however it was made. Only wallets' associated accounts of the SPL token program count: Token-2022 and accounts beside the
 * associated one are left out. `logIndex` is the account's place in the signed message, which no fork changes; an account gains once
 * per transaction. Pure.
 */
export function readTransaction(transaction: Transaction, blockHash: string): TransactionReceipt {
  const block = { number: transaction.slot, hash: blockHash };
  const [transactionHash = ""] = transaction.transaction.signatures;
  const succeeded = transaction.meta.err === null;
  const changes = succeeded ? readChanges(transaction) : [];
  const transfers = changes
    .filter((change) => change.units > 0n)
    .map((change) => ({
      token: change.mint,
      from: farthest(change.mint, changes, -1n) ?? transaction.transaction.message.accountKeys[0] ?? "",
      to: change.owner,
      amountUnits: change.units,
      transactionHash,
      position: change.place,
      logIndex: change.place,
      block,
    }));
  const feeUnits = BigInt(transaction.meta.fee);
  return { succeeded, block, gasUsed: BigInt(transaction.transaction.signatures.length), feeUnits, transfers };
}

/** What wallets' associated accounts lost in a transaction, and who gained most of it. Pure. */
export function readOutflows(
  transaction: Transaction,
): readonly Pick<TokenTransfer, "token" | "from" | "to" | "amountUnits">[] {
  if (transaction.meta.err !== null) return [];
  const changes = readChanges(transaction);
  return changes
    .filter(({ units }) => units < 0n)
    .map(({ mint, owner, units }) => {
      const to = farthest(mint, changes, 1n) ?? "";
      return { token: mint, from: owner, to, amountUnits: -units };
    });
}

/** What wallets' associated accounts gained, or lost (below zero), in a transaction; nothing when it failed. Pure. */
export function readMovements(
  transaction: Transaction,
): readonly { readonly token: string; readonly owner: string; readonly amountUnits: bigint }[] {
  if (transaction.meta.err !== null) return [];
  return readChanges(transaction).map(({ mint, owner, units }) => ({ token: mint, owner, amountUnits: units }));
}

/** What a token account held after a transaction that names it; nothing when it was closed by it. Pure. */
export function readBalanceAfter(transaction: Transaction, account: string): bigint {
  const place = accountsOf(transaction).indexOf(account);
  return unitsOf((transaction.meta.postTokenBalances ?? []).find(({ accountIndex }) => accountIndex === place));
}

/** Every account of a transaction, looked-up ones last, in the order that balances count them. */
function accountsOf({ meta, transaction }: Transaction): readonly string[] {
  const { writable, readonly } = meta.loadedAddresses ?? { writable: [], readonly: [] };
  return [...transaction.message.accountKeys, ...writable, ...readonly];
}

function readChanges(transaction: Transaction): readonly Change[] {
  const { meta } = transaction;
  const accounts = accountsOf(transaction);
  const before = new Map((meta.preTokenBalances ?? []).map((balance) => [balance.accountIndex, balance]));
  const after = new Map((meta.postTokenBalances ?? []).map((balance) => [balance.accountIndex, balance]));
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((place) => {
    const balance = after.get(place) ?? before.get(place);
    const account = accounts[place];
    if (balance?.owner === undefined || account === undefined) return [];
    const { mint, owner, programId } = balance;
    if (programId !== TOKEN_PROGRAM.toBase58() || account !== tokenAccountOf({ owner, mint })) return [];
    const units = unitsOf(after.get(place)) - unitsOf(before.get(place));
    return units === 0n ? [] : [{ place, mint, owner, account, units }];
  });
}

function unitsOf(balance: { readonly uiTokenAmount: { readonly amount: string } } | undefined): bigint {
  return BigInt(balance?.uiTokenAmount.amount ?? "0");
}

/** Who gained (`sign` 1) or paid (-1) most of a mint in a transaction. The wallet a refund would go to is who paid most. */
function farthest(mint: string, changes: readonly Change[], sign: 1n | -1n): string | undefined {
  const moved = changes.filter((change) => change.mint === mint && change.units * sign > 0n);
  return moved.reduce<Change | undefined>(
    (most, change) => (most === undefined || change.units * sign > most.units * sign ? change : most),
    undefined,
  )?.owner;
}
