import { z } from "zod";
import { defineRoute } from "../../../platform/http/define-route.ts";
import type { PaymentNeeds } from "../payments/payment-needs.ts";
import { PaymentStatusReply } from "../payments/payment-schemas.ts";
import { showPaymentStatus } from "../payments/show-payment-status.ts";

/** GET /api/v1/access/payments/:id. What became of a payment; exempt from limits, because payers in doubt ask often. */
export const getAccessPaymentRoute = (needs: Pick<PaymentNeeds, "database" | "masterKey" | "publicUrl">) =>
  defineRoute({
    operationId: "getAccessPayment",
    summary: "Show what became of a payment",
    description: "The statusUrl of a payment's own answer also shows the session's token while the session lives.",
    tags: ["access"],
    dialect: "string",
    method: "get",
    path: "/api/v1/access/payments/:paymentId",
    auth: ["none"],
    params: z.object({ paymentId: z.string().max(200) }),
    reply: { status: 200, schema: PaymentStatusReply },
    problems: ["payment_not_found"],
    handler: async ({ params }) => {
      const body = await showPaymentStatus(needs, params.paymentId);
      return { status: 200 as const, body, headers: { "cache-control": "private, no-store" } };
    },
  });
