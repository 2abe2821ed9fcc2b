import { defineRoute } from "../../../platform/http/define-route.ts";
import { orUnavailable } from "../errors.ts";
import type { FacilitatorRouteNeeds } from "../facilitator-route-needs.ts";
import { FacilitatorCallBody, VerifyReply } from "../schemas.ts";

/** POST /verify. Whether a signed payment meets its terms and would land now. Moves nothing. */
export const verifyPaymentRoute = ({ facilitator, auth }: FacilitatorRouteNeeds) =>
  defineRoute({
    operationId: "verifyPayment",
    summary: "Check a signed payment",
    tags: ["facilitator"],
    method: "post",
    path: "/verify",
    auth,
    rateLimit: "facilitator",
    bodyLimitBytes: 32_768,
    body: FacilitatorCallBody,
    problems: ["settlement_unavailable"],
    reply: { status: 200, schema: VerifyReply },
    handler: async ({ body }) => {
      const { isValid, invalidReason, invalidMessage, payer } = await orUnavailable(() => facilitator.verify(body));
      return {
        isValid,
        ...(invalidReason === undefined ? {} : { invalidReason }),
        ...(invalidMessage === undefined ? {} : { invalidMessage }),
        ...(payer === undefined || payer === "" ? {} : { payer }),
      };
    },
  });
