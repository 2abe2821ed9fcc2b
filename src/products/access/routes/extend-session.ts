import { z } from "zod";
import { defineRoute } from "../../../platform/http/define-route.ts";
import type { PaymentNeeds } from "../payments/payment-needs.ts";
import { answerOutcome, readAccessRequest } from "../payments/taking/answer-outcome.ts";
import { PAID_REPLIES, PAYMENT_PROBLEMS, PaidBody } from "../payments/taking/paid-route.ts";
import { requestExtension } from "../payments/taking/request-extension.ts";
import { PAID_TIMEOUT_MS } from "../payments/taking/settle-patience.ts";

const TokenParams = z.object({ token: z.string().max(200) });

/**
 * POST /api/v1/access/sessions/:token/extend. More time for a running session, without interruption, by the same 402 and payment as
 * access. Source: seed 001, "Extend active session with payment".
 */
export const extendSessionRoute = (needs: PaymentNeeds) =>
  defineRoute({
    operationId: "extendSession",
    summary: "Buy more time for a session",
    tags: ["access"],
    dialect: "string",
    method: "post",
    path: "/api/v1/access/sessions/:token/extend",
    auth: ["none"],
    params: TokenParams,
    body: PaidBody,
    takesFormType: true,
    replies: PAID_REPLIES,
    problems: ["session_not_found", "session_over", ...PAYMENT_PROBLEMS],
    rateLimit: "payment",
    timeoutMs: PAID_TIMEOUT_MS,
    idempotency: "natural",
    handler: async ({ params, body, request }) => {
      const { headers, idempotencyKey } = request;
      const asked = readAccessRequest(headers, { wanted: body, idempotencyKey });
      return answerOutcome(needs, await requestExtension(needs, { ...asked, token: params.token }));
    },
  });
