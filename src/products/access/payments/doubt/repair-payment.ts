import { z } from "zod";
import type { RepairAnswer, RepairWorkDone } from "../../../../platform/repairs/repair-once.ts";
import { repairOnce } from "../../../../platform/repairs/repair-once.ts";
import { parseRepair, RepairSignature } from "../../../../platform/repairs/repair-request.ts";
import { SettlementNotProven } from "../../doubt-errors.ts";
import { PaymentNotFound } from "../../errors.ts";
import type { ResolveNeeds } from "../payment-needs.ts";
import { findPayment, type StoredPayment } from "../payment-store.ts";
import { findQuote } from "../quotes/quote-store.ts";
import { readVerdict, type VerdictNeeds } from "../settlement/chain-verdict.ts";
import { proveSettlement } from "../settlement/prove-settlement.ts";
import { recordFailed, recordSettled } from "../settlement/resolve-payment.ts";

const dryRun = z.boolean().optional().meta({ description: "Check and answer, then take everything back." });

/** What operators may do with a payment in doubt, as it comes through any door. */
export const PaymentRepair = z.discriminatedUnion("action", [
  z.strictObject({ ...RepairSignature, action: z.literal("lookAgain"), dryRun }),
  z.strictObject({
    ...RepairSignature,
    action: z.literal("recordSettled"),
    transaction: z
      .string()
      .min(1)
      .max(100)
      .meta({ description: "The transaction that made it, to be proven on chain." }),
    dryRun,
  }),
  z.strictObject({ ...RepairSignature, action: z.literal("recordFailed"), dryRun }),
]);

/** What repairing a payment needs. */
export type PaymentRepairNeeds = ResolveNeeds & VerdictNeeds;

/**
 * Performs an operator's repair of a payment, whichever door it came through. Nobody's word moves money: `recordSettled` counts when the
 * chain proves that transaction, `recordFailed` when the chain proves that the payment cannot land. Written down for ever, and done once
 * per request id. Throws `invalid_repair`, `payment_not_found`, `settlement_not_proven`, `request_id_reused`.
 */
export async function repairPayment(
  needs: PaymentRepairNeeds,
  input: { readonly paymentId: string; readonly request: unknown },
): Promise<RepairAnswer> {
  const { paymentId } = input;
  const { requestId, actor, note, dryRun: isDry, ...own } = parseRepair(PaymentRepair, input.request);
  const subject = `access-payment/${paymentId}`;
  const signed = { requestId, subject, actor, note, isDryRun: isDry === true };
  const payment = await findPayment(needs.database, paymentId);
  if (payment === null) throw new PaymentNotFound();
  if (own.action === "lookAgain") {
    const call = { ...signed, action: own.action, input: {} };
    return repairOnce(needs, call, async () => ({ ...outcomeOf(payment, "It is looked at again."), wakes: [subject] }));
  }
  if (own.action === "recordSettled") {
    const { action, transaction } = own;
    return repairOnce(needs, { ...signed, action, input: { transaction } }, async (database) => {
      await requireProof(needs, { payment, transaction });
      const raw = { source: "operator", requestId };
      const settled = await recordSettled({ ...needs, database }, { paymentId, transaction, raw });
      return outcomeOf(settled, `The chain proves it; it is ${settled.status}.`);
    });
  }
  return repairOnce(needs, { ...signed, action: own.action, input: {} }, async (database) => {
    const { code, detail } = await requireFailure(needs, payment);
    const raw = { source: "operator", requestId };
    const failed = await recordFailed({ database }, { paymentId, code, detail, raw });
    return outcomeOf(failed, `The chain proves that it cannot land; it is ${failed.status}.`);
  });
}

function outcomeOf(payment: StoredPayment, text: string): RepairWorkDone {
  const { status, transaction, failureCode } = payment;
  return { text, data: { status, transaction, failureCode }, wakes: [`access-payment/${payment.id}`] };
}

async function requireProof(
  needs: PaymentRepairNeeds,
  { payment, transaction }: { readonly payment: StoredPayment; readonly transaction: string },
): Promise<void> {
  const quotedAt = await quotedAtOf(needs, payment);
  const proof = await proveSettlement(needs, { payment, transaction, quotedAt });
  if (proof.kind === "proven") return;
  throw new SettlementNotProven({ reason: proof.kind === "refuted" ? proof.code : proof.kind, detail: proof.detail });
}

async function requireFailure(needs: PaymentRepairNeeds, payment: StoredPayment) {
  const quotedAt = await quotedAtOf(needs, payment);
  const verdict = await readVerdict(needs, { payment, quotedAt, now: new Date(needs.clock.now()) });
  if (verdict.kind === "failed") return verdict;
  if (verdict.kind === "settled")
    throw new SettlementNotProven({ reason: "settled", detail: `${verdict.transaction} made it.` });
  throw new SettlementNotProven({ reason: "code" in verdict ? verdict.code : verdict.kind, detail: verdict.detail });
}

async function quotedAtOf(needs: PaymentRepairNeeds, payment: StoredPayment): Promise<Date> {
  const quote = await findQuote(needs.database, payment.quoteId);
  if (quote === null) throw new Error("a payment lacks its quote");
  return quote.createdAt;
}
