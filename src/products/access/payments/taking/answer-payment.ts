import { setTimeout as sleep } from "node:timers/promises";
import { PaymentReversed } from "../../doubt-errors.ts";
import { PaymentNotFound } from "../../errors.ts";
import { PaymentAlreadyUsed } from "../../payment-errors.ts";
import { findSession } from "../../sessions/session-store.ts";
import { readSessionToken } from "../../sessions/session-token.ts";
import type { PaymentNeeds } from "../payment-needs.ts";
import { findPayment, type StoredPayment } from "../payment-store.ts";
import { findQuote } from "../quotes/quote-store.ts";
import type { AccessOutcome, Target } from "./access-outcome.ts";
import { type PresentedProof, provesPayment } from "./presented-proof.ts";

type AnswerNeeds = Pick<PaymentNeeds, "database" | "masterKey">;

/** How long a repeated request waits for the first one's outcome before it is told to look again. */
const WAIT_MILLISECONDS = 5_000;
const LOOK_EVERY_MILLISECONDS = 100;

/** What a payment came to, for its payer; null where it failed, which moved nothing. Throws 409 `payment_reversed`. */
export async function answerPayment(needs: AnswerNeeds, payment: StoredPayment): Promise<AccessOutcome | null> {
  if (payment.status === "failed") return null;
  if (payment.status === "reversed") throw new PaymentReversed(payment);
  if (payment.status === "unserved") return { kind: "unserved", payment };
  if (payment.status !== "settled") return { kind: "pending", payment };
  const [quote, session] = await Promise.all([
    findQuote(needs.database, payment.quoteId),
    payment.sessionId === null ? null : findSession(needs.database, payment.sessionId),
  ]);
  if (quote === null || session === null) throw new Error("a settled payment lacks its quote or its session");
  return { kind: "granted", payment, quote, session, token: readSessionToken(needs, session) };
}

/**
 * Answers a payment that was shown before: with the first answer, for whoever shows something that is on no chain. While it is under way
 * its outcome is waited for a little. Null where it failed, so that it may be tried again. Throws 409 `payment_already_used` and
 * `payment_reversed`.
 */
export async function answerKnownPayment(
  needs: AnswerNeeds,
  input: { readonly known: StoredPayment; readonly target: Target; readonly proof: PresentedProof },
): Promise<AccessOutcome | null> {
  const { known, target, proof } = input;
  if (known.status === "failed") return null;
  const session = known.isExtension ? known.sessionId : null;
  const isSameTarget = known.assetId === target.assetId && session === (target.session?.id ?? null);
  if (!isSameTarget || !provesPayment(proof, known)) throw new PaymentAlreadyUsed();
  return answerPayment(needs, await awaitOutcome(needs, known));
}

async function awaitOutcome(needs: AnswerNeeds, known: StoredPayment): Promise<StoredPayment> {
  const until = performance.now() + WAIT_MILLISECONDS;
  let payment = known;
  while (payment.status === "submitted" && performance.now() < until) {
    await sleep(LOOK_EVERY_MILLISECONDS);
    const found = await findPayment(needs.database, known.id);
    if (found === null) throw new PaymentNotFound();
    payment = found;
  }
  return payment;
}
