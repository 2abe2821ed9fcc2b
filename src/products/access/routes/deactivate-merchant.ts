import type { Knex } from "knex";
import { z } from "zod";
import { defineRoute } from "../../../platform/http/define-route.ts";
import { deactivateMerchant } from "../merchants/merchant-keys.ts";
import { success } from "../schemas.ts";

const Deactivated = success(
  z
    .object({
      merchantId: z.string(),
      isActive: z.literal(false),
      runningSessions: z.number().int().meta({ description: "Paid for already: they go on until their end." }),
    })
    .meta({ id: "DeactivatedMerchant" }),
  {},
);

/** DELETE /api/v1/auth/deactivate [merchant key]. Its keys stop working and its assets are off sale with this answer. */
export const deactivateMerchantRoute = (needs: { readonly database: Knex }) =>
  defineRoute({
    operationId: "deactivateMerchant",
    summary: "Stop being a merchant",
    tags: ["merchants"],
    dialect: "string",
    method: "delete",
    path: "/api/v1/auth/deactivate",
    auth: ["merchantKey"],
    rateLimit: "api",
    reply: { status: 200, schema: Deactivated },
    handler: async ({ principal }) => {
      const { merchantId } = principal;
      const { runningSessions } = await deactivateMerchant(needs, { merchantId });
      return {
        status: "success" as const,
        data: { merchantId, isActive: false as const, runningSessions },
        message: "The merchant is deactivated, and its keys are revoked. The operator can activate it again.",
      };
    },
  });
