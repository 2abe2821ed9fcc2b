import { defineRoute } from "../../../platform/http/define-route.ts";
import type { PaymentNeeds } from "../payments/payment-needs.ts";
import { answerOutcome, readAccessRequest } from "../payments/taking/answer-outcome.ts";
import { PAID_REPLIES, PAYMENT_PROBLEMS, PaidBody } from "../payments/taking/paid-route.ts";
import { requestAccess } from "../payments/taking/request-access.ts";
import { PAID_TIMEOUT_MS } from "../payments/taking/settle-patience.ts";
import { AssetParams } from "../schemas.ts";

/**
 * POST /api/v1/access/:assetId. Without a payment 402 with an offer in three dialects; with one, access. A payment that was shown before
 * gets its first answer again. Source: seed 001, "Initiates payment flow".
 */
export const requestAccessRoute = (needs: PaymentNeeds) =>
  defineRoute({
    operationId: "requestAccess",
    summary: "Buy access to an asset",
    description:
      "Send PAYMENT-SIGNATURE (x402 v2), X-PAYMENT (v1) or x-payment-authorization (PAY2), or payWith with SIGN-IN-WITH-X; without any of them the answer is what to pay.",
    tags: ["access"],
    dialect: "string",
    method: "post",
    path: "/api/v1/access/:assetId",
    auth: ["none"],
    params: AssetParams,
    body: PaidBody,
    takesFormType: true,
    replies: PAID_REPLIES,
    problems: ["asset_occupied", ...PAYMENT_PROBLEMS],
    rateLimit: "payment",
    timeoutMs: PAID_TIMEOUT_MS,
    idempotency: "natural",
    handler: async ({ params, body, request }) => {
      const { headers, idempotencyKey } = request;
      const asked = readAccessRequest(headers, { wanted: body, idempotencyKey });
      return answerOutcome(needs, await requestAccess(needs, { ...asked, assetId: params.assetId }));
    },
  });
