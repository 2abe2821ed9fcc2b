import type { Knex } from "knex";
import { z } from "zod";
import { defineRoute } from "../../../platform/http/define-route.ts";
import { success } from "../schemas.ts";
import { readPayment } from "../telling/read-payments.ts";
import { LogLineView, PaymentView } from "../telling/schemas.ts";
import { showLogLine, showPayment } from "../telling/show-payment.ts";

const Params = z.object({ id: z.string().max(200) });
const Reply = success(PaymentView.extend({ log: z.array(LogLineView) }), {}).meta({ id: "MerchantPaymentWithLog" });

/** GET /api/v1/merchant/payments/:id [merchant key]. One payment with its lines of the log, oldest first. */
export const getMerchantPaymentRoute = (needs: { readonly database: Knex }) =>
  defineRoute({
    operationId: "getMerchantPayment",
    summary: "See a payment and its log",
    tags: ["access"],
    dialect: "string",
    method: "get",
    path: "/api/v1/merchant/payments/:id",
    auth: ["merchantKey"],
    rateLimit: "api",
    params: Params,
    reply: { status: 200, schema: Reply },
    problems: ["payment_not_found"],
    handler: async ({ params, principal }) => {
      const { merchantId } = principal;
      const { payment, lines } = await readPayment(needs, { merchantId, id: params.id });
      const data = { ...showPayment(payment), log: lines.map(showLogLine) };
      return { status: "success" as const, data, message: `This payment is ${payment.status}.` };
    },
  });
