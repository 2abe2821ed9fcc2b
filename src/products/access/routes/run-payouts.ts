import { z } from "zod";
import { defineRoute } from "../../../platform/http/define-route.ts";
import { RepairSignature } from "../../../platform/repairs/repair-request.ts";
import { runPayouts } from "../fees/run-payouts.ts";
import type { StartPayoutNeeds } from "../fees/start-payouts.ts";
import { keptText } from "../schemas.ts";

const RunBody = z.object({
  requestId: RepairSignature.requestId,
  merchantId: keptText({ minimum: 1, maximum: 200 }).optional().meta({ description: "Only this merchant." }),
  skipWalletRest: z
    .boolean()
    .default(false)
    .meta({ description: "Also to wallets that were changed less than a day ago: ask the merchant first." }),
  actor: RepairSignature.actor.default("operator"),
  note: RepairSignature.note.default(""),
});

/** POST /admin/payouts/run [ADMIN_API_TOKEN]. Starts the payouts that are due now, instead of waiting for the daily run. */
export const runPayoutsRoute = (needs: StartPayoutNeeds) =>
  defineRoute({
    operationId: "runPayouts",
    summary: "Start payouts to merchants now",
    tags: ["access", "admin"],
    dialect: "string",
    method: "post",
    path: "/admin/payouts/run",
    aliases: ["/v1/admin/payouts/run"],
    auth: ["adminToken"],
    rateLimit: "admin",
    idempotency: "natural",
    body: RunBody,
    reply: { status: 202, schema: z.object({ started: z.array(z.string()) }) },
    problems: ["request_id_reused"],
    handler: async ({ body }) => {
      const started = await runPayouts(needs, { ...body, merchantId: body.merchantId ?? null });
      return { started: [...started] };
    },
  });
