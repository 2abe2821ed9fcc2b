import { z } from "zod";
import { formatDollars } from "../../../money/nanodollars.ts";
import { defineRoute } from "../../../platform/http/define-route.ts";
import { type ConfirmRefundNeeds, confirmRefund } from "../fees/confirm-refund.ts";
import { PayerRefundView } from "../fees/refund-schemas.ts";
import { keptText, success } from "../schemas.ts";

const PaidBody = z.strictObject({
  network: keptText({ minimum: 1, maximum: 64 }),
  transaction: z
    .string()
    .regex(/^(0x[0-9a-fA-F]{64}|[1-9A-HJ-NP-Za-km-z]{64,88})$/, "expected a transaction hash or signature"),
});

/** POST /api/v1/merchant/refunds-due/:id/paid [merchant key]. The merchant gave a payer its money back: proven on chain, booked once. */
export const confirmRefundRoute = (needs: ConfirmRefundNeeds) =>
  defineRoute({
    operationId: "confirmRefund",
    summary: "Say by which transaction a payer got its money back",
    description:
      "Counts what arrived, at most what is due. The tokens must come from a wallet that the merchant is or was paid at.",
    tags: ["access"],
    dialect: "string",
    method: "post",
    path: "/api/v1/merchant/refunds-due/:id/paid",
    auth: ["merchantKey"],
    rateLimit: "api",
    idempotency: "natural",
    params: z.object({ id: keptText({ minimum: 1, maximum: 64 }) }),
    body: PaidBody,
    reply: { status: 200, schema: success(PayerRefundView, {}) },
    problems: [
      "refund_due_not_found",
      "refund_not_due",
      "refund_not_seen",
      "refund_not_proven",
      "refund_transaction_used",
      "network_not_offered",
    ],
    handler: async ({ params, body, principal }) => {
      const refund = await confirmRefund(needs, { ...body, id: params.id, merchantId: principal.merchantId });
      const { id, payer, network, token, transaction } = refund;
      const amounts = { amount: formatDollars(refund.amount), amountUnits: `${refund.amountUnits}` };
      const data = { id, payer, network, token, transaction, ...amounts };
      return { status: "success" as const, data, message: "The refund is booked." };
    },
  });
