import { DomainError } from "../../../errors.ts";
import { ZERO } from "../../../money/nanodollars.ts";
import type { Database } from "../../../platform/database/pool.ts";
import { type Chain, confirmationsFor } from "../chain.ts";
import { RpcUnavailable } from "../errors.ts";
import type { LedgerWriter } from "../ledger-writer.ts";
import type { ChainLogger } from "../logger.ts";
import { creditDeposit } from "./credit-deposit.ts";
import { judgeDeposit } from "./deposit-evidence.ts";
import { type Deposit, listObserved, markOrphaned, markWaiting } from "./deposit-store.ts";
import { worthOf } from "./deposit-value.ts";

/** Deposits looked at in one pass, and addresses at once. */
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

/**
 * Credits every observed deposit that is deep enough for its amount and still proven. One deposit that cannot be credited says why in
 * `waiting_for` and never stops the others. Safe to run in parallel: the row decides who posts. Deposits of one address go one after the
 * other, since each is measured against what the address holds beyond those before it.
 */
export async function confirmDeposits(
  needs: Needs,
  input: { readonly head: number; readonly depositAddressId?: string },
): Promise<ConfirmationTally> {
  const address = input.depositAddressId === undefined ? {} : { depositAddressId: input.depositAddressId };
  const observed = await listObserved(needs.database, { chain: needs.chain.network.id, limit: PASS_LIMIT, ...address });
  const groups = groupByAddress(observed);
  const tally = { confirmed: 0, orphaned: 0, waiting: 0 };
  const failures: unknown[] = [];
  const confirmGroup = async (group: readonly Deposit[]) => {
    for (const deposit of group) {
      try {
        tally[await confirmOne(needs, { deposit, head: input.head })] += 1;
      } catch (error) {
        failures.push(error);
      }
    }
  };
  for (let start = 0; start < groups.length; start += AT_ONCE) {
    await Promise.all(groups.slice(start, start + AT_ONCE).map(confirmGroup));
  }
  if (failures.length > 0) throw failures[0];
  return tally;
}

function groupByAddress(deposits: readonly Deposit[]): readonly (readonly Deposit[])[] {
  const groups = new Map<string, Deposit[]>();
  for (const deposit of deposits) groups.set(deposit.address, [...(groups.get(deposit.address) ?? []), deposit]);
  return [...groups.values()];
}

async function confirmOne(needs: Needs, input: { readonly deposit: Deposit; readonly head: number }): Promise<Outcome> {
  const { deposit, head } = input;
  const { network } = needs.chain;
  const value = worthOf(network, deposit);
  if (value === undefined && deposit.kind === "token") return wait(needs, deposit, "token_not_configured");
  const depth = head - deposit.blockNumber + 1;
  // What has no price needs no more than the least: no money hangs on it.
  const blocks = confirmationsFor(network, value?.amount ?? ZERO);
  if (depth < blocks) {
    const hash = await needs.chain.readBlockHash(deposit.blockNumber);
    if (hash !== undefined && hash !== deposit.blockHash) return orphan(needs, deposit, "block_replaced");
    return wait(needs, deposit, "confirmations");
  }
  const judgement = await judgeDeposit(needs, { deposit, blocks });
  switch (judgement.verdict) {
    case "proven":
      return credit(needs, () => creditDeposit(needs, { deposit, proof: judgement }), deposit);
    case "block_replaced":
      return orphan(needs, deposit, "block_replaced");
    case "nothing_arrived":
      // An announcement without tokens is believed to be one only when no reorg can explain it any more.
      if (depth >= network.finalityBlocks) return orphan(needs, deposit, "nothing_arrived");
      return wait(needs, deposit, "balance_short");
    case "providers_disagree":
    case "provider_unavailable":
      return waitAloud(needs, { deposit, reason: judgement.verdict, said: judgement.said });
    case "too_shallow":
    case "block_unknown":
    case "receipt_missing":
    case "receipt_incomplete":
    case "balance_short":
      return wait(needs, deposit, judgement.verdict);
    default:
      return judgement satisfies never;
  }
}

async function credit(needs: Needs, post: () => Promise<boolean>, deposit: Deposit): Promise<Outcome> {
  try {
    return (await post()) ? "confirmed" : "waiting";
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

/** Waits for something an operator may have to see to: told once, when it begins. */
async function waitAloud(
  needs: Needs,
  input: { readonly deposit: Deposit; readonly reason: string; readonly said: string },
): Promise<Outcome> {
  const { deposit, reason, said } = input;
  const news = await markWaiting(needs.database, deposit.id, reason);
  if (news)
    needs.logger.warn({ depositId: deposit.id, code: reason, said }, "A deposit waits for its chain's providers");
  return "waiting";
}
