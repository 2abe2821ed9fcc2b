import type { Database } from "../../../platform/database/pool.ts";
import { readDepositAddress } from "../addresses/deposit-addresses.ts";
import type { Chain, ChainToken, SweepMethod } from "../chain.ts";
import { DepositAddressNotFound, DepositForgotten, NothingToSweep, TokenNotSupported } from "../errors.ts";
import { findOutgoingByKey } from "../outgoing/outgoing-transaction-store.ts";
import { gasTopUp } from "./methods/gas-top-up.ts";
import { receiveWithAuthorization } from "./methods/receive-with-authorization.ts";
import { sponsoredTransfer } from "./methods/sponsored-transfer.ts";
import { attemptKey, type SweepNeeds, type SweepStep, type SweepSteps } from "./methods/sweep-method.ts";
import { batchKey } from "./sweep-batch-store.ts";
import { claimSweep, findAddressOfDeposit, findUnclaimed, type Sweep } from "./sweep-store.ts";
import { whyNotWorth } from "./sweep-worth.ts";

/** How often dust is looked at beside the wakes: gas may have fallen. */
const DUST_LOOK_SECONDS = 3_600;

/** Every way out of a deposit address, by the token's `sweepMethod`. A new one is a file in `sweep-methods/` and a line here. */
const methods: Readonly<Record<SweepMethod, SweepSteps>> = {
  receive_with_authorization: receiveWithAuthorization,
  gas_top_up: gasTopUp,
  sponsored_transfer: sponsoredTransfer,
};

/** What to sweep: everything confirmed at an address, or at the address of one deposit. */
export type SweepTarget = { readonly depositAddressId: string } | { readonly depositId: string };

/**
 * A sweep whose transaction is stored and may be broadcast, or one whose tokens are at the offramp wallet already. `amountUnits`
 * is a decimal string in token base units. JSON-safe.
 */
export type PreparedSweep = {
  readonly sweepId: string;
  readonly chain: string;
  readonly token: string;
  readonly amountUnits: string;
} & (
  | {
      readonly state: "prepared";
      readonly purpose: "fuel" | "tokens";
      readonly outgoingTransactionId: string;
      readonly hash: string;
    }
  | { readonly state: "settled"; readonly transactionHash: string }
  | { readonly state: "waiting"; readonly seconds: number; readonly reason: string }
);

/**
 * Decides what to sweep and stores the signed transaction, sending nothing. A second call, also after a crash in the middle or in
 * parallel, answers the same sweep and the same bytes. Throws `NothingToSweep`, `GasTankEmpty`, `RpcUnavailable`,
 * `DepositAddressShort`, `TransactionWouldFail`, `KeyRingNotLoaded`, `NonceGap`.
 */
export async function prepareSweep(needs: SweepNeeds, target: SweepTarget): Promise<PreparedSweep> {
  const { chain, database } = needs;
  const unclaimed = "depositId" in target ? await findUnclaimed(database, target.depositId) : undefined;
  if (unclaimed !== undefined) {
    const token = findToken(chain, unclaimed.token);
    const reason = await whyNotWorth(chain, { token, units: unclaimed.units });
    if (reason !== undefined) {
      const what = {
        sweepId: "",
        chain: chain.network.id,
        token: token.symbol,
        amountUnits: unclaimed.units.toString(),
      };
      return { ...what, state: "waiting", seconds: DUST_LOOK_SECONDS, reason };
    }
  }
  return continueSweep(needs, await takeSweep(needs, target));
}

/** {@link prepareSweep} of a sweep that exists. */
export async function continueSweep(needs: SweepNeeds, sweep: Sweep): Promise<PreparedSweep> {
  const token = tokenOf(needs.chain, sweep);
  const { settledTransactionHash: transactionHash } = sweep;
  if (transactionHash !== null) return summary(needs.chain, sweep, { state: "settled", transactionHash });
  const deposit = await readDepositAddress(needs.database, sweep.depositAddressId);
  await requireDeposits(needs, sweep);
  const receivedAt = { keyRingId: deposit.keyRingId, index: deposit.index };
  const { refundedTransaction: paidBy } = sweep;
  const claim = paidBy === null ? {} : { refunds: { transactionHash: paidBy, receivedAt } };
  return summary(
    needs.chain,
    sweep,
    await methods[token.sweepMethod].prepare(needs, { sweep, token, deposit, ...claim }),
  );
}

async function takeSweep(needs: SweepNeeds, target: SweepTarget): Promise<Sweep> {
  const { database, chain, signer } = needs;
  const asked = "depositId" in target ? { depositId: target.depositId } : {};
  const depositAddressId = await addressOf(database, target);
  const claimed = await database.transaction((transaction) =>
    claimSweep(transaction, {
      ...asked,
      depositAddressId,
      chain: chain.network.id,
      destination: signer.treasury,
    }),
  );
  if (claimed === undefined) throw new NothingToSweep(depositAddressId);
  return claimed;
}

async function addressOf(database: Database, target: SweepTarget): Promise<string> {
  if ("depositAddressId" in target) return target.depositAddressId;
  const found = await findAddressOfDeposit(database, target.depositId);
  if (found === undefined) throw new DepositAddressNotFound(target.depositId);
  return found;
}

/** A token of the chain by its address. Throws `TokenNotSupported` when the configuration lost it. */
export function findToken(chain: Chain, address: string): ChainToken {
  const token = chain.network.tokens.find((candidate) => candidate.address === address);
  if (token === undefined) throw new TokenNotSupported(address, chain.network.name);
  return token;
}

/**
 * Before anything is signed: what is moved on must have come. A chain that was wiped or restored forgot it, and asking again helps nobody.
 * Once it is signed, alone or in a batch, its own transaction says what became of it, also where a deposit vanished since.
 */
async function requireDeposits(needs: SweepNeeds, sweep: Sweep): Promise<void> {
  const { batchId } = sweep;
  for (const key of [attemptKey(sweep), ...(batchId === null ? [] : [batchKey(batchId)])])
    if ((await findOutgoingByKey(needs.database, key)) !== undefined) return;
  const paidBy = sweep.refundedTransaction ?? sweep.transfers.split(",")[0]?.split(":")[0];
  if (paidBy === undefined || (await needs.chain.readReceipt(paidBy)) !== undefined) return;
  throw new DepositForgotten({ chain: needs.chain.network.name, transactionHash: paidBy });
}

/** A refund may be of a token nobody knows: it goes back as any token can that does what tokens do. */
function tokenOf(chain: Chain, sweep: Sweep): ChainToken {
  const listed = chain.network.tokens.find(({ address }) => address === sweep.token);
  if (listed !== undefined || sweep.refundedTransaction === null) return findToken(chain, sweep.token);
  return { symbol: sweep.token, address: sweep.token, decimals: 0, sweepMethod: "gas_top_up" };
}

function summary(chain: Chain, sweep: Sweep, step: SweepStep): PreparedSweep {
  const { symbol } = tokenOf(chain, sweep);
  const what = { sweepId: sweep.id, chain: sweep.chain, token: symbol, amountUnits: sweep.amountUnits.toString() };
  if (step.state !== "prepared") return { ...what, ...step };
  const { id, hash } = step.outgoing;
  if (hash === null) throw new Error(`Transaction ${id} was stored without its hash.`);
  return { ...what, state: "prepared", purpose: step.purpose, outgoingTransactionId: id, hash };
}
