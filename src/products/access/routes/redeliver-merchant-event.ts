import type { Knex } from "knex";
import { z } from "zod";
import { defineRoute } from "../../../platform/http/define-route.ts";
import { keptText, success } from "../schemas.ts";
import { redeliverEvent } from "../telling/redeliver-event.ts";

const Params = z.object({ id: keptText({ minimum: 1, maximum: 64 }) });
const Reply = success(z.object({ eventId: z.string() }), {}).meta({ id: "MerchantEventRedelivery" });

/** POST /api/v1/merchant/events/:id/redeliver [merchant key]. One event once more to the webhook that is set now, under the same id. */
export const redeliverMerchantEventRoute = (needs: { readonly database: Knex }) =>
  defineRoute({
    operationId: "redeliverMerchantEvent",
    summary: "Have one event sent again",
    tags: ["access"],
    dialect: "string",
    method: "post",
    path: "/api/v1/merchant/events/:id/redeliver",
    auth: ["merchantKey"],
    rateLimit: "api",
    idempotency: "stored",
    params: Params,
    reply: { status: 202, schema: Reply },
    problems: ["merchant_event_not_found", "webhook_not_set"],
    handler: async ({ params, principal }) => {
      await redeliverEvent(needs, { merchantId: principal.merchantId, eventId: params.id });
      const message = "On its way; GET /api/v1/merchant/webhook shows what became of it.";
      return { status: 202 as const, body: { status: "success" as const, data: { eventId: params.id }, message } };
    },
  });
