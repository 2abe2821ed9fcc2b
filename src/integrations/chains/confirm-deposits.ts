import { DomainError } from "../../errors.ts";
import { parseAccountName } from "../../ledger/chart-of-accounts.ts";
import { depositConfirmed } from "../../ledger/postings/deposits.ts";
import { tokenUnitsToNanodollars } from "../../money/conversions.ts";
import type { Database } from "../../platform/database/pool.ts";
import { type Chain, type ChainToken, confirmationsFor } from "./chain.ts";
import {
  type Deposit,
  linkEntry,
  listObserved,
  markConfirmed,
  markOrphaned,
  markWaiting,
  sumUnswept,
} from "./deposit-store.ts";
import { RpcUnavailable } from "./errors.ts";
import type { LedgerWriter } from "./ledger-writer.ts";
import type { ChainLogger } from "./logger.ts";

/** Deposits looked at in one pass, and how many at once. */
const PASS_LIMIT = 500;
const AT_ONCE = 8;

type Needs = {
  readonly database: Database;
  readonly ledger: LedgerWriter;
  readonly chain: Chain;
  readonly logger: ChainLogger;
};

/** What became of one observed deposit in this pass. */
type Outcome = "confirmed" | "orphaned" | "waiting";

/** How many observed deposits were credited, taken out by a reorg, or are still waiting. */
export type ConfirmationTally = Readonly<Record<Outcome, number>>;

/** The chain's word on one deposit, read before anything is decided. */
type Evidence = {
  readonly canonicalHash: string | undefined;
  readonly atBlock: string | undefined;
  readonly transferred: boolean;
  readonly balanceUnits: bigint;
  readonly unsweptUnits: bigint;
};

/**
 * Credits every observed deposit that is deep enough for its amount and still proven: its block is canonical, its transaction
 * succeeded, the same transfer is in the receipt, and the address holds the tokens. One deposit that cannot be credited says why
 * in `waiting_for` and never stops the others. Safe to run in parallel: the row decides who posts.
 */
export async function confirmDeposits(
  needs: Needs,
  input: { readonly head: number; readonly depositAddressId?: string },
): Promise<ConfirmationTally> {
  const address = input.depositAddressId === undefined ? {} : { depositAddressId: input.depositAddressId };
  const observed = await listObserved(needs.database, { chain: needs.chain.network.id, limit: PASS_LIMIT, ...address });
  const tally = { confirmed: 0, orphaned: 0, waiting: 0 };
  const failures: unknown[] = [];
  for (let start = 0; start < observed.length; start += AT_ONCE) {
    const results = await Promise.allSettled(
      observed.slice(start, start + AT_ONCE).map((deposit) => confirmOne(needs, { deposit, head: input.head })),
    );
    for (const result of results) {
      if (result.status === "fulfilled") tally[result.value] += 1;
      else failures.push(result.reason);
    }
  }
  if (failures.length > 0) throw failures[0];
  return tally;
}

async function confirmOne(needs: Needs, input: { readonly deposit: Deposit; readonly head: number }): Promise<Outcome> {
  const { deposit, head } = input;
  const { network } = needs.chain;
  const token = network.tokens.find(({ address }) => address === deposit.token);
  if (token === undefined) return wait(needs, deposit, "token_not_configured");
  const amount = tokenUnitsToNanodollars(deposit.amountUnits, token.decimals, "down");
  const missing = confirmationsFor(network, amount) - (head - deposit.blockNumber + 1);
  if (missing > 0) {
    const hash = await needs.chain.readBlockHash(deposit.blockNumber);
    if (hash !== undefined && hash !== deposit.blockHash) return orphan(needs, deposit, "block_replaced");
    return wait(needs, deposit, "confirmations");
  }
  const verdict = judge(deposit, await readEvidence(needs, deposit));
  if (verdict === "block_replaced" || verdict === "transfer_missing") return orphan(needs, deposit, verdict);
  if (verdict !== "proven") return wait(needs, deposit, verdict);
  return credit(needs, { deposit, token });
}

async function readEvidence(needs: Needs, deposit: Deposit): Promise<Evidence> {
  const { chain, database } = needs;
  const { depositAddressId, token } = deposit;
  const [canonicalHash, receipt, balanceUnits, unsweptUnits] = await Promise.all([
    chain.readBlockHash(deposit.blockNumber),
    chain.readReceipt(deposit.transactionHash),
    chain.readTokenBalance({ token, owner: deposit.address }),
    sumUnswept(database, { depositAddressId, chain: chain.network.id, token }),
  ]);
  const transferred = receipt?.transfers.some(
    ({ logIndex, token: found, to, amountUnits }) =>
      logIndex === deposit.logIndex && found === token && to === deposit.address && amountUnits === deposit.amountUnits,
  );
  return {
    canonicalHash,
    atBlock: receipt?.succeeded === true ? receipt.block.hash : undefined,
    transferred: transferred === true,
    balanceUnits,
    unsweptUnits,
  };
}

type Verdict = "proven" | "block_replaced" | "transfer_missing" | "block_unknown" | "receipt_missing" | "balance_short";

/** A token may announce a transfer that moved nothing (or less), so the address must hold all that is confirmed plus this. */
function judge(deposit: Deposit, evidence: Evidence): Verdict {
  if (evidence.canonicalHash === undefined) return "block_unknown";
  if (evidence.canonicalHash !== deposit.blockHash) return "block_replaced";
  if (evidence.atBlock !== deposit.blockHash) return "receipt_missing";
  if (!evidence.transferred) return "transfer_missing";
  if (evidence.balanceUnits < evidence.unsweptUnits + deposit.amountUnits) return "balance_short";
  return "proven";
}

async function credit(
  needs: Needs,
  input: { readonly deposit: Deposit; readonly token: ChainToken },
): Promise<Outcome> {
  const { deposit, token } = input;
  try {
    return await needs.database.transaction(async (transaction) => {
      if (!(await markConfirmed(transaction, deposit))) return "waiting";
      const posted = await needs.ledger.postIn(
        transaction,
        depositConfirmed({
          chain: deposit.chain,
          token: token.symbol,
          transactionId: deposit.transactionHash,
          logIndex: deposit.logIndex,
          account: parseAccountName(deposit.account),
          amount: tokenUnitsToNanodollars(deposit.amountUnits, token.decimals, "down"),
        }),
      );
      const { id: depositId, depositAddressId } = deposit;
      await linkEntry(transaction, { depositId, entryId: posted.entryId, depositAddressId });
      return "confirmed";
    });
  } catch (error) {
    if (!(error instanceof DomainError) || error instanceof RpcUnavailable) throw error;
    needs.logger.warn({ depositId: deposit.id, code: error.code }, "The ledger did not take a deposit");
    return wait(needs, deposit, error.code);
  }
}

async function orphan(needs: Needs, deposit: Deposit, reason: string): Promise<Outcome> {
  const done = await markOrphaned(needs.database, deposit, reason);
  return done ? "orphaned" : "waiting";
}

async function wait(needs: Needs, deposit: Deposit, reason: string): Promise<Outcome> {
  await markWaiting(needs.database, deposit.id, reason);
  return "waiting";
}
