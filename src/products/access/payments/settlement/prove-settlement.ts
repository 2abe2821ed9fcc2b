import { setTimeout as sleep } from "node:timers/promises";
import { DomainError } from "../../../../errors.ts";
import { type Chain, type ChainNetwork, confirmationsFor } from "../../../../integrations/chains/chain.ts";
import type { LandedTransaction } from "../../../../integrations/chains/payments.ts";
import type { ChainRegistry } from "../../../../integrations/chains/registry.ts";
import { NANODOLLARS_PER_DOLLAR, type Nanodollars, nanodollars } from "../../../../money/nanodollars.ts";
import type { Payment } from "../../payment.ts";
import { movedBySigned, movedByTransfer } from "./moved-tokens.ts";

/** The chains that payments are proven on. */
export type ProveNeeds = { readonly accessChains: ChainRegistry };

/** What a proof needs to know of a payment. */
export type ProvablePayment = Pick<
  Payment,
  "dialect" | "network" | "token" | "payTo" | "payer" | "amountUnits" | "gross" | "payloadKey" | "createdAt"
>;

/**
 * What the chain says of a facilitator's word. `not_seen`: no verdict, look again later. `refuted`: that transaction did not make this
 * payment, which may still be made by another one unless it cannot land any more.
 */
export type Settlement =
  | {
      readonly kind: "proven";
      readonly at: Date;
      readonly payer: string;
      readonly paidUnits: bigint;
      readonly memos: readonly string[];
      /** The key of the EVM authorization that moved it; null where the transaction itself is the payment. */
      readonly authorization: string | null;
    }
  | { readonly kind: "not_seen"; readonly detail: string }
  | { readonly kind: "refuted"; readonly code: string; readonly detail: string };

/** Nodes lag behind each other by a block or two; so long is waited for one, in all. */
const PATIENCE_MILLISECONDS = 3_000;
/** Between looks; twice as long each time, as most nodes are behind by milliseconds and some by a block. */
const SHORTEST_PAUSE_MILLISECONDS = 20;
const LONGEST_PAUSE_MILLISECONDS = 250;
/** On EVM one block is enough up to here: a session of a few dollars is not worth a minute's wait. See decision 0032. */
const INSTANT_LIMIT: Nanodollars = nanodollars(100n * NANODOLLARS_PER_DOLLAR);
/** How long before the payment its quote can have been made, where nobody says when. */
const OLDEST_QUOTE_MILLISECONDS = 3_600_000;
/** Blocks are stamped by clocks of others. */
const CLOCK_TOLERANCE_MILLISECONDS = { evm: 5_000, solana: 30_000 };

/**
 * Looks whether a transaction made a payment: it succeeded, it moved at least the amount of the right token to the wallet to be paid, by the
 * very message or authorization that was signed (v1, v2), its block is not older than `quotedAt`, and as deep as the amount needs. A PAY2
 * payment signs nothing here: whose it is, its caller tells by `payer` and `memos`; what authorizations moved is not counted for it, see
 * {@link movedByTransfer}. Never throws because of a node. Waits up to `patienceMilliseconds` (three seconds unless told) for one that lags.
 */
export async function proveSettlement(
  needs: ProveNeeds,
  input: {
    readonly payment: ProvablePayment;
    readonly transaction: string;
    readonly quotedAt?: Date;
    readonly patienceMilliseconds?: number;
  },
): Promise<Settlement> {
  const until = performance.now() + (input.patienceMilliseconds ?? PATIENCE_MILLISECONDS);
  const cancelled = new AbortController();
  const late = silence(until - performance.now(), cancelled.signal);
  try {
    for (let pause = SHORTEST_PAUSE_MILLISECONDS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MILLISECONDS)) {
      const settlement = await Promise.race([look(needs, input), late]);
      if (settlement.kind !== "not_seen" || performance.now() + pause >= until) return settlement;
      await sleep(pause);
    }
  } finally {
    cancelled.abort();
  }
}

async function silence(milliseconds: number, signal: AbortSignal): Promise<Settlement> {
  await sleep(Math.max(0, milliseconds), undefined, { signal }).catch(() => undefined);
  return notSeen("the node did not answer in time");
}

/** One look. Where two providers are asked, both have to say it. */
async function look(needs: ProveNeeds, input: Parameters<typeof proveSettlement>[1]): Promise<Settlement> {
  try {
    const chain = needs.accessChains.find(input.payment.network);
    const settlements = await Promise.all((chain.witnesses ?? [chain]).map((each) => lookAt(each, input)));
    return agree(settlements);
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return notSeen(error.message);
  }
}

/** All proven, or all refuted; anything else is no verdict. */
function agree(settlements: readonly Settlement[]): Settlement {
  const [first] = settlements;
  if (first !== undefined && settlements.every(({ kind }) => kind === first.kind)) return first;
  return settlements.find(({ kind }) => kind === "not_seen") ?? notSeen("two nodes do not say the same");
}

async function lookAt(chain: Chain, input: Parameters<typeof proveSettlement>[1]): Promise<Settlement> {
  const { payment, transaction } = input;
  const landed = await chain.payments?.readLanded(transaction);
  if (landed === undefined) return notSeen("the transaction is in no block yet");
  const quotedAt = input.quotedAt ?? new Date(payment.createdAt.getTime() - OLDEST_QUOTE_MILLISECONDS);
  const judged = judge({ network: chain.network, payment, quotedAt, landed });
  if (judged.kind !== "proven") return judged;
  return (await isDeepEnough(chain, { payment, landed })) ? judged : notSeen("its block is not deep enough yet");
}

/** Whether a transaction that is on the chain made a payment, as it was written down: all of it, whenever that was. Pure. */
export function isMadeBy(
  payment: ProvablePayment & { readonly leftUnits: bigint },
  { network, landed }: { readonly network: ChainNetwork; readonly landed: LandedTransaction },
): boolean {
  const whole = { ...payment, amountUnits: payment.amountUnits + payment.leftUnits };
  return judge({ network, payment: whole, quotedAt: new Date(0), landed }).kind === "proven";
}

/** Whether a transaction made a payment, by what it did. Pure. */
function judge(input: {
  readonly network: ChainNetwork;
  readonly payment: ProvablePayment;
  readonly quotedAt: Date;
  readonly landed: LandedTransaction;
}): Settlement {
  const { network, payment, quotedAt, landed } = input;
  const token = network.tokens.find(({ symbol, address }) => symbol === payment.token || address === payment.token);
  if (token === undefined) return refuted("token_unknown", `${payment.token} is no token of ${network.name}.`);
  const asked = { ...payment, token: token.address };
  const moved = payment.dialect === "pay2" ? movedByTransfer(landed, asked) : movedBySigned(landed, asked);
  if (moved.kind === "refuted") return moved;
  const { payer, paidUnits, authorization } = moved;
  if (paidUnits < payment.amountUnits)
    return refuted("settlement_short", `The wallet was paid ${paidUnits} of ${payment.amountUnits} base units.`);
  if (landed.at.getTime() < quotedAt.getTime() - CLOCK_TOLERANCE_MILLISECONDS[network.kind])
    return refuted("settlement_older", "The transaction is older than the quote.");
  return { kind: "proven", at: landed.at, payer, paidUnits, memos: landed.memos, authorization };
}

async function isDeepEnough(
  chain: Chain,
  { payment, landed }: { readonly payment: ProvablePayment; readonly landed: LandedTransaction },
): Promise<boolean> {
  const blocks = blocksNeeded(chain.network, payment.gross);
  if (blocks <= 1) return true;
  const head = await chain.readHead();
  if (head.number - landed.block + 1 < blocks) return false;
  return (await chain.readBlockHash(landed.block)) !== undefined;
}

/** Blocks a payment for access needs, counting its own: what a deposit needs, but one block for little money on EVM. */
export function blocksNeeded(network: ChainNetwork, gross: Nanodollars): number {
  if (network.kind === "evm" && gross <= INSTANT_LIMIT) return 1;
  return confirmationsFor(network, gross);
}

function notSeen(detail: string): Settlement {
  return { kind: "not_seen", detail: detail.slice(0, 300) };
}

function refuted(code: string, detail: string): Settlement {
  return { kind: "refuted", code, detail };
}
