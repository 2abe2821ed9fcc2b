import { z } from "zod";
import { defineRoute } from "../../../platform/http/define-route.ts";
import { RepairReply } from "../../../platform/repairs/repair-request.ts";
import { PaymentRepair, type PaymentRepairNeeds, repairPayment } from "../payments/doubt/repair-payment.ts";

/** POST /admin/access/payments/:id/repairs [ADMIN_API_TOKEN]. The same repairs as the payment workflow's Updates, written down the same way. */
export const repairPaymentRoute = (needs: PaymentRepairNeeds) =>
  defineRoute({
    operationId: "repairAccessPayment",
    summary: "Look a payment up again, or record how it ended where the chain proves it",
    tags: ["access", "admin"],
    dialect: "string",
    method: "post",
    path: "/admin/access/payments/:id/repairs",
    aliases: ["/admin/access/payments/:id/repair"],
    auth: ["adminToken"],
    rateLimit: "admin",
    idempotency: "natural",
    params: z.object({ id: z.string().max(64) }),
    body: PaymentRepair,
    reply: { status: 200, schema: RepairReply },
    problems: ["invalid_repair", "payment_not_found", "settlement_not_proven", "request_id_reused"],
    handler: ({ params, body }) => repairPayment(needs, { paymentId: params.id, request: body }),
  });
