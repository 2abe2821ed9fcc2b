import type { PresentedPayment } from "../../../../integrations/x402/payment.ts";
import { isSignedByPayer } from "../../../../integrations/x402/quote-proof.ts";
import { raiseWake } from "../../../../platform/temporal/wake-store.ts";
import { PaymentNotSeen } from "../../payment-errors.ts";
import type { PaymentNeeds } from "../payment-needs.ts";
import { findPaymentByPayload, type StoredPayment } from "../payment-store.ts";
import type { AccessOutcome } from "../taking/access-outcome.ts";
import type { PaidRequest } from "../taking/access-request.ts";
import { answerKnownPayment } from "../taking/answer-payment.ts";
import type { PresentedProof } from "../taking/presented-proof.ts";
import { findPaymentByTransaction } from "./claimed-transaction-store.ts";

/** A request that names a transaction as its payment. */
export type Claimed = PaidRequest & { readonly presented: PresentedPayment & { readonly dialect: "pay2" } };

type Shown = { readonly claimed: Claimed; readonly proof: PresentedProof };

/**
 * Answers a claim by the payment that has its transaction, on whichever network of its kind. Null where there is none. Throws 409
 * `payment_already_used` where it is another's, or was for something else.
 */
export async function answerKnownClaim(needs: PaymentNeeds, shown: Shown): Promise<AccessOutcome | null> {
  const { transaction } = shown.claimed.presented;
  const kind = transaction.startsWith("0x") ? "evm" : "solana";
  for (const network of needs.x402Networks.filter((each) => each.kind === kind)) {
    const known = await findPaymentByTransaction(needs.database, { network: network.id, transaction });
    if (known !== null) return answerKnown(needs, { ...shown, known });
  }
  return null;
}

/**
 * Answers a claim whose money was written down before, or meanwhile: as a claim of its transaction, or as the signed payment whose
 * authorization moved it. Where that one counts as failed, it is looked at now. Throws as {@link answerKnownClaim} and 409 `payment_not_seen`.
 */
export async function answerCounted(
  needs: PaymentNeeds,
  input: Shown & { readonly written: { readonly network: string; readonly payloadKey: string } },
): Promise<AccessOutcome> {
  const known = await findPaymentByPayload(needs.database, input.written);
  const answer = known === null ? await answerKnownClaim(needs, input) : await answerKnown(needs, { ...input, known });
  if (answer !== null) return answer;
  if (known !== null) await raiseWake(needs.database, `access-payment/${known.id}`);
  throw new PaymentNotSeen("It is being written down as another request's");
}

function answerKnown(
  needs: PaymentNeeds,
  input: Shown & { readonly known: StoredPayment },
): Promise<AccessOutcome | null> {
  const { known, claimed, proof } = input;
  const isSigned = isSignedBy(claimed.presented, { payer: known.payer, quoteId: known.quoteId });
  const shown = isSigned ? { ...proof, quoteId: known.quoteId } : proof;
  return answerKnownPayment(needs, { known, target: claimed.target, proof: shown });
}

/** Whether a claim carries the payer's signature over the id of the quote it names. */
export function isSignedBy(
  { quoteId, proof }: Claimed["presented"],
  expected: { readonly payer: string; readonly quoteId: string },
): boolean {
  if (quoteId !== expected.quoteId || proof === null) return false;
  return isSignedByPayer({ ...expected, signature: proof });
}
