import type { Chain, ChainNetwork } from "../../../integrations/chains/chain.ts";
import { PaymentInDoubt } from "../doubt-errors.ts";
import { type AskAgainNeeds, askFacilitatorAgain } from "./ask-again.ts";
import { readVerdict, type VerdictNeeds } from "./chain-verdict.ts";
import { hasVanished, isPaymentFinal, markPaymentFinal, movePayment } from "./finality-store.ts";
import { logPayment } from "./payment-log-store.ts";
import { type PaymentReview, reviewOf } from "./payment-review.ts";
import type { StoredPayment } from "./payment-store.ts";
import { findQuote } from "./quote-store.ts";
import { logOf } from "./told-payment.ts";

/** What the last look at a payment needs. */
export type RecheckNeeds = VerdictNeeds & AskAgainNeeds;

/** A block that is not final when it should be is looked at again so soon. */
const PAUSE_MILLISECONDS = 60_000;
/** What has not come back an hour after it should have been final does not come back by itself. */
const HOPE_MILLISECONDS = 3_600_000;

/** Seconds after which a network's blocks are final, by its own data and a tenth more. Pure. */
export function finalitySeconds(network: Pick<ChainNetwork, "finalityBlocks" | "blockTimeSeconds">): number {
  return Math.ceil(network.finalityBlocks * network.blockTimeSeconds * 1.1);
}

/**
 * The last look at a payment that counted before its block was final. Still there: final. In another transaction, as its authorization
 * was used anew after a reorganisation: that one counts, and is waited for. Gone: its facilitator is asked for it again while it can land,
 * and after that people have to look. Throws `payment_in_doubt` then; the books are left as they are.
 */
export async function recheckPayment(
  needs: RecheckNeeds,
  input: { readonly payment: StoredPayment; readonly now: Date },
): Promise<PaymentReview> {
  const { payment, now } = input;
  const { transaction, resolvedAt } = payment;
  const isOfChain = payment.status !== "failed" && payment.dialect !== "balance";
  if (!isOfChain || transaction === null || resolvedAt === null) return reviewOf(payment, "It has ended.", null);
  if (await isPaymentFinal(needs.database, payment.id)) return reviewOf(payment, "Its block is final.", null);
  const chain = needs.accessChains.find(payment.network);
  const isDue = now.getTime() >= resolvedAt.getTime() + finalitySeconds(chain.network) * 1000;
  if (!isDue) return reviewOf(payment, "It is looked at once more when its block is final.", null);
  const standing = await readStanding(chain, transaction);
  if (standing === "final") {
    await markPaymentFinal(needs.database, payment.id);
    return reviewOf(payment, "Its block is final.", null);
  }
  const again = new Date(now.getTime() + PAUSE_MILLISECONDS);
  if (standing === "young") return reviewOf(payment, "Its block is not final yet.", again);
  return followVanished(needs, { payment, now, again });
}

async function readStanding(chain: Chain, transaction: string): Promise<"final" | "young" | "gone"> {
  const landed = await chain.payments?.readLanded(transaction);
  if (landed === undefined || !landed.succeeded) return "gone";
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
  const verdict = await readVerdict(needs, { payment, quotedAt: quote.createdAt, now });
  if (verdict.kind === "settled") {
    await movePayment(needs.database, { id: payment.id, transaction: verdict.transaction });
    return reviewOf(payment, `It is in ${verdict.transaction} now.`, again);
  }
  const code = "payment_vanished";
  const detail = `${payment.transaction} is not on the chain any more. ${verdict.detail}`;
  if (!(await hasVanished(needs.database, payment.id)))
    await logPayment(needs.database, { ...logOf(payment), event: "vanished", success: null, code, detail });
  const isHopeful = verdict.kind === "open" || verdict.kind === "silent";
  if (!isHopeful || now.getTime() - (payment.resolvedAt ?? now).getTime() > HOPE_MILLISECONDS)
    throw new PaymentInDoubt({ reason: code, detail: `${detail} What it bought was given.` });
  await askFacilitatorAgain(needs, payment);
  return reviewOf(payment, detail, again);
}
