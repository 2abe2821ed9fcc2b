import type { Chain, ChainNetwork } from "../../../../integrations/chains/chain.ts";
import { InsufficientFunds } from "../../../../ledger/errors.ts";
import { PaymentInDoubt } from "../../doubt-errors.ts";
import { logPayment } from "../payment-log-store.ts";
import type { StoredPayment } from "../payment-store.ts";
import { findQuote } from "../quotes/quote-store.ts";
import { readVerdict, type VerdictNeeds } from "../settlement/chain-verdict.ts";
import { isMadeBy } from "../settlement/prove-settlement.ts";
import { logOf } from "../settlement/told-payment.ts";
import { type AskAgainNeeds, askFacilitatorAgain } from "./ask-again.ts";
import { hasVanished, isPaymentFinal, markPaymentFinal, movePayment } from "./finality-store.ts";
import { type PaymentReview, reviewOf } from "./payment-review.ts";
import { type ReverseNeeds, reversePayment } from "./reverse-payment.ts";

/** What the last look at a payment needs. */
export type RecheckNeeds = VerdictNeeds & AskAgainNeeds & ReverseNeeds;

/** A block that is not final when it should be is looked at again so soon. */
const PAUSE_MILLISECONDS = 60_000;
/** What has not come back an hour after it should have been final does not come back by itself. */
const HOPE_MILLISECONDS = 3_600_000;
/** The one verdict that is the chain's own for good: the clock of its final blocks is past what was signed. */
const NEVER_LANDS = "payment_expired";

/** Seconds after which a network's blocks are final, by its own data and a tenth more. Pure. */
export function finalitySeconds(network: Pick<ChainNetwork, "finalityBlocks" | "blockTimeSeconds">): number {
  return Math.ceil(network.finalityBlocks * network.blockTimeSeconds * 1.1);
}

/**
 * The last look at a payment that counted before its block was final. Still there: final. In another transaction, as its authorization
 * was used anew after a reorganisation: that one counts, and is waited for. Gone: its facilitator is asked for it again while it can land,
 * and once the chain proves that it can land no more, it is reversed. Where the chain does not say so people have to look, and the books
 * are left as they are. Throws `payment_in_doubt` then.
 */
export async function recheckPayment(
  needs: RecheckNeeds,
  input: { readonly payment: StoredPayment; readonly now: Date },
): Promise<PaymentReview> {
  const { payment, now } = input;
  const { transaction, resolvedAt } = payment;
  const isOfChain = (payment.status === "settled" || payment.status === "unserved") && payment.dialect !== "balance";
  if (!isOfChain || transaction === null || resolvedAt === null) return reviewOf(payment, "It has ended.", null);
  if (await isPaymentFinal(needs.database, payment.id)) return reviewOf(payment, "Its block is final.", null);
  const chain = needs.accessChains.find(payment.network);
  const isDue = now.getTime() >= resolvedAt.getTime() + finalitySeconds(chain.network) * 1000;
  if (!isDue) return reviewOf(payment, "It is looked at once more when its block is final.", null);
  const standing = await readStanding(chain, { payment, transaction });
  if (standing === "final") {
    await markPaymentFinal(needs.database, payment.id);
    return reviewOf(payment, "Its block is final.", null);
  }
  const again = new Date(now.getTime() + PAUSE_MILLISECONDS);
  if (standing === "young") return reviewOf(payment, "Its block is not final yet.", again);
  return followVanished(needs, { payment, now, again });
}

/** In another block the same transaction may do other things: a batch goes on where one of its payments fails. */
async function readStanding(
  chain: Chain,
  { payment, transaction }: { readonly payment: StoredPayment; readonly transaction: string },
): Promise<"final" | "young" | "gone"> {
  const { network } = chain;
  const landed = await chain.payments?.readLanded(transaction);
  if (landed === undefined || !isMadeBy(payment, { network, landed })) return "gone";
  const head = await chain.readHead();
  if (head.number - landed.block + 1 < chain.network.finalityBlocks) return "young";
  return (await chain.readBlockHash(landed.block)) === undefined ? "young" : "final";
}

async function followVanished(
  needs: RecheckNeeds,
  { payment, now, again }: { readonly payment: StoredPayment; readonly now: Date; readonly again: Date },
): Promise<PaymentReview> {
  const quote = await findQuote(needs.database, payment.quoteId);
  if (quote === null) throw new Error("a payment lacks its quote");
  // Only the signed payload finds it: the transaction that was named is gone.
  const verdict = await readVerdict(needs, { payment, quotedAt: quote.createdAt, now, mustBeFinal: true });
  if (verdict.kind === "settled") {
    await movePayment(needs.database, { id: payment.id, transaction: verdict.transaction });
    return reviewOf(payment, `It is in ${verdict.transaction} now.`, again);
  }
  const code = "payment_vanished";
  const detail = `${payment.transaction} is not on the chain any more. ${verdict.detail}`;
  const isNew = !(await hasVanished(needs.database, payment.id));
  if (isNew) await logPayment(needs.database, { ...logOf(payment), event: "vanished", success: null, code, detail });
  if (verdict.kind === "failed" && verdict.code === NEVER_LANDS) {
    // Nodes behind one address do not all know the same: nobody loses a session by one look.
    return isNew ? reviewOf(payment, detail, again) : reverse(needs, { payment, code, detail });
  }
  const isHopeful = verdict.kind === "open" || verdict.kind === "silent";
  if (!isHopeful || now.getTime() - (payment.resolvedAt ?? now).getTime() > HOPE_MILLISECONDS)
    throw new PaymentInDoubt({ reason: code, detail: `${detail} What it bought was given.` });
  await askFacilitatorAgain(needs, payment);
  return reviewOf(payment, detail, again);
}

async function reverse(
  needs: RecheckNeeds,
  { payment, code, detail }: { readonly payment: StoredPayment; readonly code: string; readonly detail: string },
): Promise<PaymentReview> {
  try {
    const raw = { source: "chain", code };
    const reversed = await reversePayment(needs, { paymentId: payment.id, code, detail, raw });
    return reviewOf(reversed, detail, null);
  } catch (error) {
    if (!(error instanceof InsufficientFunds)) throw error;
    const reason = "reversal_uncovered";
    throw new PaymentInDoubt({ reason, detail: `${detail} The balance that it gave its payer is spent.` });
  }
}
