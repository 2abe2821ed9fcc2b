import type { Knex } from "knex";
import { z } from "zod";
import { formatDollars, parseDollars } from "../../../money/nanodollars.ts";
import { defineRoute } from "../../../platform/http/define-route.ts";
import { PurchaseNotFound } from "../errors.ts";
import { setNoticeLevels } from "../notice-levels.ts";
import { PurchaseParams, WireDecimal } from "../schemas.ts";

const NoticeLevelsBody = z.object({ low: WireDecimal, critical: WireDecimal });

const NoticeLevelsReply = z
  .object({
    purchase_id: z.string(),
    low: z.string(),
    critical: z.string(),
    termination: z.string(),
    thresholds_crossed: z.array(z.string()),
  })
  .meta({ id: "NoticeLevels" });

/** PUT /purchase/:id/notice-levels [customer key]. The balances at which the customer is told; `termination` stays the vendor's. */
export const setNoticeLevelsRoute = (needs: { readonly database: Knex }) =>
  defineRoute({
    operationId: "setNoticeLevels",
    summary: "Set at which balances a purchase's customer is told",
    tags: ["purchases"],
    dialect: "string",
    method: "put",
    path: "/purchase/:id/notice-levels",
    aliases: ["/v1/purchase/:id/notice-levels"],
    auth: ["customerKey"],
    rateLimit: "customer",
    idempotency: "natural",
    params: PurchaseParams,
    body: NoticeLevelsBody,
    reply: { status: 200, schema: NoticeLevelsReply },
    problems: ["purchase_not_found", "purchase_terminated", "invalid_amount", "invalid_notice_levels"],
    handler: async ({ params, body, principal }) => {
      if (principal.purchaseId !== params.id) throw new PurchaseNotFound();
      const levels = { low: parseDollars(body.low), critical: parseDollars(body.critical) };
      const { triggers, crossed } = await setNoticeLevels(needs, { purchaseId: params.id, levels });
      return {
        purchase_id: params.id,
        low: formatDollars(triggers.low),
        critical: formatDollars(triggers.critical),
        termination: formatDollars(triggers.termination),
        thresholds_crossed: [...crossed],
      };
    },
  });
