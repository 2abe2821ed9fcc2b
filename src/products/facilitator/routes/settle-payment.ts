import { defineRoute } from "../../../platform/http/define-route.ts";
import { orUnavailable } from "../errors.ts";
import type { FacilitatorRouteNeeds } from "../facilitator-route-needs.ts";
import { FacilitatorCallBody, SettleReply } from "../schemas.ts";

/** Longer than a settlement may wait for its confirmation, in milliseconds. */
const TIMEOUT_MS = 115_000;

/**
 * POST /settle. Puts a signed payment on its chain, once, and says what became of it. Asked again with the same payload it answers what is
 * recorded; while another call is at it, 409 with `duplicate_settlement`.
 */
export const settlePaymentRoute = ({ facilitator, auth }: FacilitatorRouteNeeds) =>
  defineRoute({
    operationId: "settlePayment",
    summary: "Settle a signed payment",
    tags: ["facilitator"],
    method: "post",
    path: "/settle",
    auth,
    rateLimit: "facilitator",
    bodyLimitBytes: 32_768,
    timeoutMs: TIMEOUT_MS,
    body: FacilitatorCallBody,
    problems: ["settlement_unavailable"],
    replies: [
      { status: 200, schema: SettleReply, description: "Settled, refused, or sent and still pending" },
      { status: 409, schema: SettleReply, description: "This payment is being settled by another call" },
    ],
    handler: async ({ body }) => {
      const { response, inFlight } = await orUnavailable(() => facilitator.settle(body));
      return inFlight ? { status: 409 as const, body: response } : { status: 200 as const, body: response };
    },
  });
