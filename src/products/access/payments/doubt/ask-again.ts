import type { Knex } from "knex";
import { DomainError } from "../../../../errors.ts";
import type { Facilitators, SettleOutcome } from "../../../../integrations/x402/facilitator.ts";
import type { MasterKey } from "../../../../platform/secrets.ts";
import { logPayment } from "../payment-log-store.ts";
import type { StoredPayment } from "../payment-store.ts";
import { logOf } from "../settlement/told-payment.ts";
import { openPayload } from "../taking/payload-seal.ts";

/** What it takes to ask a payment's facilitator once more. */
export type AskAgainNeeds = {
  readonly database: Knex;
  readonly masterKey: MasterKey;
  readonly facilitators: Facilitators;
};

/**
 * Sends a payment's facilitator the identical payload once more, which moves the tokens at most once, and writes its answer into the log.
 * A failure it says is no end: one that does not see its own first broadcast says the same. Null where nobody can be asked: a PAY2 payment
 * was put on the chain by its payer.
 */
export async function askFacilitatorAgain(needs: AskAgainNeeds, payment: StoredPayment): Promise<SettleOutcome | null> {
  const outcome = await settleAgain(needs, payment);
  if (outcome === null) return null;
  await logPayment(needs.database, {
    ...logOf(payment),
    event: "asked_again",
    success: null,
    code: outcome.kind === "failed" ? outcome.code : outcome.kind,
    detail: "detail" in outcome ? outcome.detail : null,
    raw: outcome.raw,
  });
  return outcome;
}

async function settleAgain(needs: AskAgainNeeds, payment: StoredPayment): Promise<SettleOutcome | null> {
  if (payment.payloadSealed === null || payment.facilitator === null) return null;
  try {
    return await needs.facilitators.named(payment.facilitator).settle(openPayload(needs, payment.payloadSealed));
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return { kind: "not_sent", detail: error.message, retryAfterSeconds: 60, raw: null };
  }
}
